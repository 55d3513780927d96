"""What the demo shop sells: Fernweg, things for being outdoors."""

from dataclasses import dataclass
from typing import Any, Final

SHOP_NAME: Final = "Fernweg"
SHOP_URL: Final = "https://fernweg.example"
CURRENCY: Final = "EUR"


@dataclass(frozen=True, slots=True)
class Product:
    """`pull` is how often it is looked at, against the others."""

    product_id: str
    name: str
    category: str
    price: float
    pull: int

    def as_properties(self, quantity: int | None = None) -> dict[str, Any]:
        """As the Segment e-commerce spec names it."""
        said = {
            "product_id": self.product_id,
            "name": self.name,
            "category": self.category,
            "price": self.price,
            "url": f"{SHOP_URL}/p/{self.product_id}",
        }
        return said if quantity is None else {**said, "quantity": quantity}


def _shelf(category: str, *rows: tuple[str, str, float, int]) -> tuple[Product, ...]:
    return tuple(Product(ident, name, category, price, pull) for ident, name, price, pull in rows)


PRODUCTS: Final = (
    *_shelf(
        "Jackets",
        ("J-101", "Regenzeit rain jacket", 149.0, 9),
        ("J-102", "Nordwand down jacket", 229.0, 6),
        ("J-103", "Windspiel softshell", 119.0, 5),
        ("J-104", "Morgentau fleece", 79.0, 7),
    ),
    *_shelf(
        "Backpacks",
        ("B-201", "Tagtraum day pack 22 l", 89.0, 10),
        ("B-202", "Weitweg trekking pack 55 l", 199.0, 5),
        ("B-203", "Stadtfuchs city pack", 69.0, 6),
    ),
    *_shelf(
        "Shoes",
        ("S-301", "Pfad trail shoe", 129.0, 9),
        ("S-302", "Gipfel hiking boot", 189.0, 7),
        ("S-303", "Barfuss camp sandal", 59.0, 4),
    ),
    *_shelf(
        "Camp",
        ("C-401", "Zuhause tent for two", 279.0, 4),
        ("C-402", "Siebenschläfer sleeping bag", 169.0, 4),
        ("C-403", "Leicht sleeping mat", 84.0, 5),
        ("C-404", "Glühwurm lantern", 34.0, 6),
        ("C-405", "Kessel gas stove", 49.0, 5),
    ),
    *_shelf(
        "Bottles",
        ("F-501", "Quelle steel bottle 0.7 l", 27.0, 11),
        ("F-502", "Warmhalter flask 1 l", 36.0, 8),
        ("F-503", "Becher camp mug", 14.5, 7),
    ),
    *_shelf(
        "Small things",
        ("K-601", "Merino socks, two pairs", 24.0, 10),
        ("K-602", "Polarlicht head torch", 44.0, 6),
        ("K-603", "Taschenmesser pocket knife", 39.0, 5),
        ("K-604", "Wollmütze beanie", 29.0, 8),
    ),
)
