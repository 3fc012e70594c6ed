select
  rules.rule,
  'hazardous_waste_manifests ' || manifests.manifest_id || ' ' || manifests.waste_code as subject,
  cast(null as string) as indicator_ids,
  'hazardous_waste_manifests' as dataset,
  cast(extract(year from manifests.shipped_on) as bigint) as year,
  cast(null as string) as area,
  manifests.submission_id,
  '接收日期和接收量' as expected,
  '转移 ' || cast(manifests.shipped_on as string) || '，未确认接收' as observed,
  '危险废物转移联单 ' || manifests.manifest_id || '（' || manifests.waste_code || '，'
    || manifests.generator || ' → ' || manifests.receiver || '）：' || cast(manifests.shipped_on as string)
    || ' 转移 ' || {{ printed('manifests.shipped_quantity') }} || ' 吨，至今未确认接收。请补报接收日期和接收量。' as detail_zh
from {{ ref('stg_hazardous_waste_manifests') }} as manifests
cross join {{ source('intake', 'build') }} as build
inner join {{ ref('rules') }} as rules on rules.rule = 'manifest_not_received'
where
  (manifests.received_on is null or manifests.received_quantity is null)
  and {{ days_between('manifests.shipped_on', 'build.today') }} > rules.upper
