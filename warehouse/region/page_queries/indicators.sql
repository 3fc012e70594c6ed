select
  indicators.*,
  worst.name_zh as worst_county_zh
from region.indicators as indicators
left join region.counties as worst on indicators.worst_county_code = worst.county_code
order by indicators.kind, indicators.indicator_id, indicators.name_zh, indicators.unit
