"""Who the customers are, and under which accounts the company's systems know them."""
