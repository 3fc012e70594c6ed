select station, month, pm25, pm10, so2, no2, co_p95, o3_8h_p90, composite_index, good_days, valid_days, good_day_share
from marts.air_quality_monthly
where month <= getvariable('until') and month > getvariable('since')
order by month desc, station <> '全县', station
