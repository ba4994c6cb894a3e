"""What fits learned: scores, the models behind them, how they did out of time."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Type

SCORE = Contract(
    name="score",
    description="What an analysis says of each customer.",
    key=("analysis", "customer_id", "as_of"),
    columns=(
        Column(name="analysis", required=True, description="The analysis."),
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The date it looks from."),
        Column(name="value", type=Type.NUMBER, description="The score, in its unit."),
        Column(name="low", type=Type.NUMBER, description="Lower end of its interval."),
        Column(name="high", type=Type.NUMBER, description="Upper end of its interval."),
        Column(name="unit", required=True, description="What the score counts."),
        Column(name="model_version", required=True, description="The model that gave it."),
    ),
)

MODEL = Contract(
    name="model",
    description="Each model learned in a run, winner or not.",
    key=("analysis", "version"),
    columns=(
        Column(name="analysis", required=True, description="The analysis."),
        Column(name="version", required=True, description="The version."),
        Column(name="candidate", required=True, description="The method."),
        Column(name="learned_at", type=Type.INSTANT, required=True, description="When it was learned."),
        Column(name="as_of", type=Type.DATE, required=True, description="The date it was learned as of."),
        Column(name="parameters", required=True, description="Its parameters as JSON with sorted keys."),
        Column(name="contract_hash", required=True, description="Hash of the contracts of what it read."),
        Column(name="winner", type=Type.BOOL, required=True, description="Whether it serves."),
        Column(name="log_likelihood", type=Type.NUMBER, description="Log-likelihood, where it has one."),
    ),
)

BACKTEST = Contract(
    name="backtest",
    description="How well each candidate foresaw what it had not seen.",
    key=("analysis", "candidate", "origin", "metric"),
    columns=(
        Column(name="analysis", required=True, description="The analysis."),
        Column(name="candidate", required=True, description="The method."),
        Column(name="origin", type=Type.DATE, required=True, description="The date it was asked as of."),
        Column(name="metric", required=True, description="What was measured."),
        Column(name="value", type=Type.NUMBER, description="The measurement; null is undefined."),
        Column(name="low", type=Type.NUMBER, description="Lower end of its 95 % interval."),
        Column(name="high", type=Type.NUMBER, description="Upper end of its 95 % interval."),
        Column(name="n", type=Type.INT, unit="customers", required=True, description="Customers it rests on."),
        Column(name="fitted_at_origins", required=True, description="The older dates it was fitted at."),
    ),
)
