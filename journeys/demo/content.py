"""What the demo shop writes: e-mails in MJML and two SMS."""

from dataclasses import dataclass
from typing import Any, Final

from journeys.demo.catalogue import SHOP_URL

LAYOUT: Final = """<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="Helvetica, Arial, sans-serif" />
      <mj-text font-size="16px" line-height="26px" color="#2b2f36" padding="8px 32px" />
      <mj-button background-color="#0f5c4d" color="#ffffff" border-radius="8px" font-size="16px" font-weight="600"
        inner-padding="14px 28px" padding="16px 32px" align="left" />
    </mj-attributes>
  </mj-head>
  <mj-body background-color="#f3f1ec">
    <mj-section padding="24px 0 12px">
      <mj-column>
        <mj-text align="center" font-size="15px" letter-spacing="4px" color="#0f5c4d">FERNWEG</mj-text>
      </mj-column>
    </mj-section>
    <mj-section background-color="TONE" padding="40px 0 32px" border-radius="12px 12px 0 0">
      <mj-column>
        <mj-text color="#ffffff" font-size="13px" letter-spacing="2px" padding-bottom="0">KICKER</mj-text>
        <mj-text color="#ffffff" font-size="32px" line-height="40px" font-weight="700">HEADLINE</mj-text>
      </mj-column>
    </mj-section>
    <mj-section background-color="#ffffff" padding="24px 0 16px">
      <mj-column>
PARAGRAPHS
        <mj-button href="LINK">BUTTON</mj-button>
      </mj-column>
    </mj-section>
CARDS    <mj-section padding="20px 0 32px">
      <mj-column>
        <mj-text align="center" font-size="12px" line-height="20px" color="#8a8577">
          {{ workspace.name }}{% if workspace.postal_address %} · {{ workspace.postal_address }}{% endif %}<br />
          You get this because you are a customer of Fernweg.
          {% if unsubscribe_url %}<a href="{{ unsubscribe_url }}" style="color:#8a8577">Unsubscribe</a>{% endif %}
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""
CARD: Final = """      <mj-column background-color="#f8f7f3" border-radius="8px" padding="8px 0">
        <mj-text font-size="15px" font-weight="700" padding-bottom="0">TITLE</mj-text>
        <mj-text font-size="14px" line-height="21px">WORDS</mj-text>
        <mj-text font-size="14px"><a href="LINK" style="color:#0f5c4d">Have a look</a></mj-text>
      </mj-column>
"""
NAME: Final = '{{ profile.first_name | default: "there" }}'


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail. `cards` are (title, words, path) of up to three things shown side by side."""

    name: str
    subject: str
    preheader: str
    tone: str
    kicker: str
    headline: str
    paragraphs: tuple[str, ...]
    button: str
    path: str
    cards: tuple[tuple[str, str, str], ...] = ()

    def content(self) -> dict[str, Any]:
        """As the e-mail channel keeps it."""
        paragraphs = "\n".join(f"        <mj-text>{words}</mj-text>" for words in self.paragraphs)
        cards = "".join(
            CARD.replace("TITLE", title).replace("WORDS", words).replace("LINK", SHOP_URL + path)
            for title, words, path in self.cards
        )
        if cards:
            cards = f'    <mj-section background-color="#ffffff" padding="8px 24px 32px">\n{cards}    </mj-section>\n'
        body = LAYOUT
        for mark, text in (
            ("TONE", self.tone),
            ("KICKER", self.kicker),
            ("HEADLINE", self.headline),
            ("PARAGRAPHS", paragraphs),
            ("CARDS", cards),
            ('LINK">BUTTON', f'{SHOP_URL}{self.path}">{self.button}'),
        ):
            body = body.replace(mark, text, 1)
        return {"subject": self.subject, "preheader": self.preheader, "format": "mjml", "body": body, "text": ""}


LETTERS: Final = (
    Letter(
        "Welcome",
        f"Good to have you here, {NAME}",
        "What we are about, and a small thing to begin with.",
        "#0f5c4d",
        "WELCOME",
        f"Hello {NAME}, the way begins at your door",
        (
            "Fernweg makes things for being outdoors that last: repaired in our own workshop, taken back at the end.",
            "You need no mountain for the start. The three things below are what most people begin with.",
        ),
        "Look around",
        "/new",
        (
            ("Tagtraum 22 l", "The day pack for work and woods.", "/p/B-201"),
            ("Quelle 0.7 l", "Steel, light, keeps cold for a day.", "/p/F-501"),
            ("Merino socks", "Two pairs. No blisters, no smell.", "/p/K-601"),
        ),
    ),
    Letter(
        "Three ideas for the weekend",
        "Three ideas for the weekend",
        "An hour, a day, or one night out.",
        "#8a5a2b",
        "IDEAS",
        "An hour, a day, or one night out",
        (
            f"{NAME}, what fits your weekend? We walked all three and wrote down what to pack.",
            'If you like {{ profile.interest | default: "being outdoors" | downcase }}, begin with the day tour.',
        ),
        "Read the three tours",
        "/journal/three-tours",
        (
            ("One hour", "Around the lake, with a thermos.", "/journal/lake"),
            ("One day", "A ridge you can reach by train.", "/journal/ridge"),
            ("One night", "A first night in the tent.", "/journal/night"),
        ),
    ),
    Letter(
        "Welcome, second try",
        "Did this get lost?",
        "A short look at what Fernweg is about.",
        "#31567a",
        "IN SHORT",
        "Fernweg in half a minute",
        (
            "We make few things, and we make them well. What breaks, we repair. What you outgrow, we take back.",
            "Your first order travels to you free of charge.",
        ),
        "See what is new",
        "/new",
    ),
    Letter(
        "Cart: still yours",
        'Still yours: {{ event.name | default: "what you chose" }}',
        "We kept your cart.",
        "#0f5c4d",
        "YOUR CART",
        "We kept it for you",
        (
            f'{NAME}, you had a good eye. <strong>{{{{ event.name | default: "Your choice" }}}}</strong>'
            "{% if event.price %} for {{ event.price }} €{% endif %} is still in your cart.",
            "Unsure about the size? Just answer this e-mail: a person reads it.",
        ),
        "Back to the cart",
        "/cart",
    ),
    Letter(
        "Cart: free shipping until Sunday",
        f"{NAME}, this one travels free",
        "No shipping costs until Sunday.",
        "#7a3b31",
        "UNTIL SUNDAY",
        "No shipping costs on your cart",
        (
            "The cart you left is still there, and until Sunday we pay for the way to you.",
            "If it was not the right thing after all: these three are chosen most often instead.",
        ),
        "Order without shipping costs",
        "/cart",
        (
            ("Pfad trail shoe", "Light and sure on wet stone.", "/p/S-301"),
            ("Morgentau fleece", "The layer for almost always.", "/p/J-104"),
            ("Wollmütze", "Knitted in the valley.", "/p/K-604"),
        ),
    ),
    Letter(
        "Win-back: new since you were here",
        f"{NAME}, what is new since you were here",
        "Three things, and none of them shouts.",
        "#31567a",
        "IT HAS BEEN A WHILE",
        "New since you were last here",
        (
            f"Dear {NAME}, we did not want to disturb you. But these came in, and they made us think of you.",
            "As before: thirty days to send it back, for any reason.",
        ),
        "See all that is new",
        "/new",
        (
            ("Nordwand", "Down that knows where it is from.", "/p/J-102"),
            ("Leicht", "A sleeping mat of 390 grams.", "/p/C-403"),
            ("Polarlicht", "A head torch that charges by USB-C.", "/p/K-602"),
        ),
    ),
    Letter(
        "Win-back: ten per cent",
        "Ten per cent, because we miss you",
        "On everything, for two weeks.",
        "#8a5a2b",
        "FOR YOU",
        "10 % on everything, for two weeks",
        (
            f"{NAME}, if something is on your list: now is a good time. The code <strong>FERN10</strong> works once.",
            "And if you have had enough of our e-mails, the link below ends them. No hard feelings.",
        ),
        "Use the code",
        "/new?code=FERN10",
    ),
    Letter(
        "Newsletter: the first frost",
        "The first frost",
        "What keeps warm, and a recipe for the stove.",
        "#3d4b5c",
        "NEWSLETTER",
        "The first frost",
        (
            "The mornings glitter again. This time: how to layer without sweating, where the huts stay open, and soup.",
            'This week in {{ profile.city | default: "your town" }}: the workshop is open, bring what needs mending.',
        ),
        "Read on",
        "/journal/first-frost",
    ),
    Letter(
        "Thank you for your order",
        "Your order is on its way to our warehouse",
        "What happens next.",
        "#0f5c4d",
        "THANK YOU",
        "We are packing",
        (
            f"{NAME}, thank you for your order{{% if event.total %}} over {{{{ event.total }}}} €{{% endif %}}.",
            "It leaves us on the next working day. You get a second e-mail with the parcel's number.",
        ),
        "See the order",
        "/orders",
    ),
    Letter(
        "Happy birthday",
        f"Happy birthday, {NAME}",
        "A small thing from us.",
        "#6b3f73",
        "TODAY",
        f"All the best, {NAME}",
        ("A year older, and hopefully many ways richer. With your next order there is a small present in the parcel.",),
        "Choose something nice",
        "/new",
    ),
)
TEXTS: Final = {
    "SMS: your cart": f"Hi {NAME}, your Fernweg cart travels free until Sunday: {SHOP_URL}/cart Stop? Reply STOP",
    "SMS: welcome": f"Hi {NAME}, welcome to Fernweg. Your first order ships free: {SHOP_URL}/new Stop? Reply STOP",
}
