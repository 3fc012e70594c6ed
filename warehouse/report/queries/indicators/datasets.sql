-- The Chinese titles of datasets.
select distinct item_id as dataset, item_zh as dataset_zh
from marts.department_responsibilities
where item_kind = 'dataset'
order by dataset
