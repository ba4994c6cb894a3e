-- survey_answer
-- Every answer to a survey.
-- Grain: source, answer_id
-- Kind: as-of
select
    source,
    answer_id,
    happened_on     as day,
    customer_id,
    product_id,
    instrument,
    about,
    score
from survey_answer
where score is not null
