"""What each customer brings and costs: revenue, goods, and the costs that are shared out over them."""
