"""Which product it was."""

from __future__ import annotations

from clientela.contracts.text import text
from clientela.cube.declared.seen_by.shape import Dimension

PRODUCT = (
    Dimension(
        name="product_id",
        label=text("Product number"),
        description=text("The product's key."),
        expression="product_id",
        hierarchy="product",
    ),
    Dimension(
        name="product_name",
        label=text("Product"),
        description=text("The product's name; products of the same name are seen as one."),
        expression="name",
        lookup="of_product",
        hierarchy="product",
        level=2,
    ),
    Dimension(
        name="subcategory",
        label=text("Subcategory"),
        description=text("The product's subcategory."),
        expression="subcategory",
        lookup="of_product",
        hierarchy="product",
        level=3,
    ),
    Dimension(
        name="category",
        label=text("Category"),
        description=text("The product's category."),
        expression="category",
        lookup="of_product",
        hierarchy="product",
        level=4,
    ),
    Dimension(
        name="brand",
        label=text("Brand"),
        description=text("The product's brand."),
        expression="brand",
        lookup="of_product",
        hierarchy="brand",
        level=3,
    ),
)
