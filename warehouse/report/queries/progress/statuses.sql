from marts.indicator_statuses
order by position
