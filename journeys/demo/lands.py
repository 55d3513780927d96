"""Where the demo shop's customers live and what they are called. Names that are not in Latin script carry a Latin
form after a slash, which their e-mail addresses use.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Land:
    """`weight` is its share among customers; `cities` name their time zones."""

    code: str
    language: str
    weight: int
    dial: str
    cities: tuple[tuple[str, str], ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _cities(zone: str, names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", " "), zone) for name in names.split())


LANDS: Final = (
    Land(
        "DE",
        "de",
        30,
        "+4915",
        _cities("Europe/Berlin", "Berlin Hamburg München Köln Leipzig Stuttgart Dresden Freiburg Bremen Nürnberg"),
        _words("Anna Lena Marie Sophie Julia Katharina Laura Hannah Johanna Clara Greta Paula Miriam Svenja Birgit"),
        _words("Jonas Lukas Felix Paul Maximilian Tim Jan Florian Moritz Niklas Bernd Jürgen Stefan Tobias Emil"),
        _words(
            "Müller Schmidt Schneider Fischer Weber Wagner Becker Hoffmann Koch Bauer Richter Wolf Schröder Neumann"
            " Schwarz Krüger Zimmermann Braun Hartmann Lange Werner Krause Vogel Friedrich"
        ),
    ),
    Land(
        "AT",
        "de",
        10,
        "+43664",
        _cities("Europe/Vienna", "Wien Graz Linz Salzburg Innsbruck Klagenfurt"),
        _words("Theresa Magdalena Lisa Katrin Verena Elisabeth Viktoria Ines"),
        _words("Matthias Simon Dominik Philipp Alexander Christoph Gregor Lorenz"),
        _words("Gruber Huber Pichler Steiner Moser Mayer Hofer Leitner Berger Fuchs Eder Fischer Wimmer Egger"),
    ),
    Land(
        "FR",
        "fr",
        12,
        "+336",
        _cities("Europe/Paris", "Paris Lyon Nantes Bordeaux Lille Toulouse Strasbourg Rennes"),
        _words("Camille Léa Manon Chloé Inès Juliette Élise Margaux Zoé Nathalie"),
        _words("Hugo Louis Arthur Gabriel Théo Antoine Julien Maxime Étienne Olivier"),
        _words("Martin Bernard Dubois Thomas Robert Petit Durand Leroy Moreau Laurent Lefèvre Garnier Fontaine"),
    ),
    Land(
        "ES",
        "es",
        10,
        "+346",
        (
            *_cities("Europe/Madrid", "Madrid Barcelona Valencia Sevilla Bilbao"),
            ("Las Palmas", "Atlantic/Canary"),
        ),
        _words("Lucía María Paula Carmen Elena Sara Marta Alba Noelia"),
        _words("Hugo Mateo Pablo Javier Álvaro Diego Sergio Andrés Iván"),
        _words("García Fernández López Martínez Sánchez Pérez Gómez Ruiz Díaz Moreno Álvarez Romero Navarro Torres"),
    ),
    Land(
        "GB",
        "en",
        13,
        "+447",
        _cities("Europe/London", "London Manchester Bristol Leeds Edinburgh Glasgow Cardiff Brighton Belfast"),
        _words("Olivia Amelia Isla Emily Grace Charlotte Poppy Freya Priya Eleanor"),
        _words("Oliver George Harry Jack Noah Thomas Callum Arjun Edward Rhys"),
        _words("Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker Evans Hughes Clarke Khan"),
    ),
    Land(
        "US",
        "en",
        12,
        "+1415555",
        (
            *_cities("America/New_York", "New_York Boston Atlanta Philadelphia"),
            *_cities("America/Chicago", "Chicago Austin Minneapolis"),
            *_cities("America/Denver", "Denver Salt_Lake_City"),
            *_cities("America/Los_Angeles", "Seattle Portland San_Francisco"),
        ),
        _words("Emma Ava Madison Harper Abigail Sofia Riley Naomi Jasmine Megan"),
        _words("Liam Mason Ethan Logan Tyler Jackson Marcus Diego Kevin Caleb"),
        _words("Johnson Miller Davis Garcia Rodriguez Anderson Thompson Nguyen Robinson Lee Carter Rivera Brooks Kim"),
    ),
    Land(
        "TH",
        "th",
        5,
        "+668",
        _cities("Asia/Bangkok", "Bangkok Chiang_Mai Phuket Khon_Kaen"),
        _words("สุภาพร/Supaporn กมลชนก/Kamonchanok พิมพ์ชนก/Pimchanok ณัฐธิดา/Natthida มาลี/Malee"),
        _words("ธนากร/Thanakorn ณัฐพล/Nattapon กิตติ/Kitti ปกรณ์/Pakorn สมชาย/Somchai"),
        _words("ศรีสุข/Srisuk วงศ์ไทย/Wongthai จันทร์เพ็ญ/Chanpen รัตนกุล/Rattanakul บุญมี/Boonmee"),
    ),
    Land(
        "PL",
        "pl",
        5,
        "+4850",
        _cities("Europe/Warsaw", "Warszawa Kraków Gdańsk Wrocław Poznań"),
        _words("Zofia Zuzanna Maja Agnieszka Magdalena"),
        _words("Jakub Szymon Kacper Wojciech Tomasz"),
        _words("Nowak Kowalczyk Wiśniewska/Wisniewska Mazur Krawczyk Dąbrowska/Dabrowska Wróbel"),
    ),
    Land(
        "RU",
        "ru",
        3,
        "+7916",
        (("Казань", "Europe/Moscow"), ("Екатеринбург", "Asia/Yekaterinburg"), ("Новосибирск", "Asia/Novosibirsk")),
        _words("Анна/Anna Мария/Maria Екатерина/Ekaterina Ольга/Olga Дарья/Darya"),
        _words("Иван/Ivan Дмитрий/Dmitry Алексей/Alexey Сергей/Sergey Максим/Maxim"),
        _words("Ким/Kim Левченко/Levchenko Бондаренко/Bondarenko Шевчук/Shevchuk Гринько/Grinko"),
    ),
)
