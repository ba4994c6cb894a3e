"""Pictures: a chart of the contracts becomes Vega-Lite in the colours of the house."""
