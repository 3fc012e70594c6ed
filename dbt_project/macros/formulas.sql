{# Formulas of quantities, each written once: the SQL that computes it, its printed text and the
   fields that it reads come from one macro call in a domain model.

   Most macros return a formula, a dict with
     relation        what its rows come from, without an alias: year, is_flagged and what the rest names
     area, where     the rows' area, as SQL; a condition on the rows, or none
     value           the column of an amount before it is converted
     numerator, denominator, computed, reported   SQL; none where the formula has no such value
     computed_rows, reported_rows                 columns with row keys (lineage.sql), or none
     expression      the printed expression without its qualifications
     unit            the unit that the value is converted to, or none
     printed         the text that the mart indicator_formulas, the report and `eco trace` show
     fields          {dataset: [fields]} that it reads; without a field it is the whole row

   An expression that is printed and computed, `numerator`, `denominator` or `amount` below, is a
   field, or fields with + - * between, in sum() or not: 'sum(opening_stock+generated-closing_stock)',
   'sum(plot_area where safely_used)'. Sums run over the rows of a year and area (quantities.sql). #}


{# ---- A domain model ---- #}

{# The rows of all quantities of a domain model. formulas: {quantity: formula}. They are also noted in
   the model's meta, where the printed formulas are read from (declared_formulas). #}
{% macro quantity_rows(formulas) -%}
  {%- set declared = {} -%}
  {%- for quantity, formula in formulas.items() -%}
    {%- do declared.update({quantity: {'formula': formula.printed, 'unit': formula.unit or none, 'fields': formula.fields}}) -%}
  {%- endfor -%}
  {{ config(meta={'formulas': declared}) }}
  {%- for quantity, formula in formulas.items() %}
  select
    '{{ quantity }}' as quantity,
    cast(year as bigint) as year,
    {{ formula.area }} as area,
    cast({{ formula.numerator or 'null' }} as double) as numerator,
    cast({{ formula.denominator or 'null' }} as double) as denominator,
    cast({{ formula.computed or 'null' }} as double) as computed_value,
    cast({{ formula.reported or 'null' }} as double) as reported_value,
    is_flagged,
    {{ formula.computed_rows or no_texts() }} as computed_rows,
    {{ formula.reported_rows or no_texts() }} as reported_rows
  from {{ formula.relation }} as sums
  {% if formula.where %}where {{ formula.where }}{% endif %}
  {{ 'union all' if not loop.last }}
  {%- endfor %}
{%- endmacro %}


{# The formulas that the domain models declare: one row per quantity, columns quantity and formula. #}
{% macro declared_formulas() -%}
  {%- set declared = {} -%}
  {%- if execute -%}
    {%- for node in graph.nodes.values() -%}
      {%- do declared.update((node.config.meta or {}).get('formulas', {})) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- for quantity, formula in declared.items() %}
  select '{{ quantity }}' as quantity, '{{ formula.formula | replace("'", "''") }}' as formula
  {{ 'union all' if not loop.last }}
  {%- else %}
  select cast(null as string) as quantity, cast(null as string) as formula
  {%- endfor %}
{%- endmacro %}


{# ---- Formulas over the rows of one dataset ---- #}

{# scale * numerator / denominator, for each area and for the county (area_sums).

   reported:        the field in which the department reports the ratio itself
   part:            the field whose value may be 合计 or 全部 (part_sums)
   only:            {field: value} that the rows must have
   by_month:        whether the rows are of months (area_sums_by_month)
   area:            the one area whose ratio is meant; it is the county's value
   missing_as_zero: {printed name: [fields]}: the fields of which a missing value is 0
   note:            a remark printed after the formula, with its punctuation #}
{% macro area_ratio(dataset, numerator, denominator, scale=100, reported=none, part=none, only={}, by_month=false, area=none, missing_as_zero={}, note='') %}
  {%- set top, bottom = parsed_expression(numerator, missing_as_zero), parsed_expression(denominator, missing_as_zero) -%}
  {%- set columns = {'numerator': top.sql, 'denominator': bottom.sql} -%}
  {%- set rows = dataset_rows(dataset, only=only) -%}
  {%- set sums = area_sums_by_month(rows, columns) if by_month else area_sums(rows, columns, part=part, rate=reported) -%}
  {%- set qualified -%}
    {{ printed_ratio(numerator, denominator, scale) }}
    {%- for value in only.values() %}, {{ value }}{% endfor -%}
    {%- if area %}, area {{ area }}{% endif -%}
    {{ printed_missing_as_zero(missing_as_zero) }}{{ note }}
  {%- endset -%}
  {{ return(ratio_of(
    '(' ~ sums ~ ')', 'numerator', 'denominator', scale,
    printed=qualified, fields={dataset: merged_fields([top, bottom])},
    reported='reported_rate' if reported else none,
    area=county() if area else 'area', where="area = '" ~ area ~ "'" if area else none
  )) }}
{% endmacro %}


{# As area_ratio, of a dataset without areas: for the county, sums over the rows of a year (part_sums). #}
{% macro county_ratio(dataset, numerator, denominator, scale=100, reported=none, part=none, missing_as_zero={}, note='') %}
  {%- set top, bottom = parsed_expression(numerator, missing_as_zero), parsed_expression(denominator, missing_as_zero) -%}
  {%- set columns = {'numerator': top.sql, 'denominator': bottom.sql} -%}
  {%- set sums = part_sums(dataset_rows(dataset), ['year'], columns, part=part, rate=reported) -%}
  {{ return(ratio_of(
    '(' ~ sums ~ ')', 'numerator', 'denominator', scale,
    printed=printed_ratio(numerator, denominator, scale) ~ printed_missing_as_zero(missing_as_zero) ~ note,
    fields={dataset: merged_fields([top, bottom])},
    reported='reported_rate' if reported else none
  )) }}
{% endmacro %}


{# The mean of a field over the months of a year, weighted by another, by area and for the county. #}
{% macro area_weighted_mean(dataset, field, weight) %}
  {%- set mean = area_ratio(dataset, field ~ '*' ~ weight, weight, scale=1, by_month=true) -%}
  {%- do mean.update({'printed': 'mean ' ~ field ~ ' of the year weighted by ' ~ weight}) -%}
  {{ return(mean) }}
{% endmacro %}


{# An amount for each area and for the county (area_sums).

   unit:  the unit it is converted to; without one it keeps that of the contract
   since: the first year of a running sum: the amounts of the years from then to each year. A year
          without an amount of its own has none
   The others as in area_ratio. #}
{% macro area_amount(dataset, amount, unit=none, only={}, since=none, by_month=false) %}
  {%- set parsed = parsed_expression(amount) -%}
  {%- set rows = dataset_rows(dataset, only=only, since=since) -%}
  {%- set columns = {'amount': parsed.sql} -%}
  {%- set sums = area_sums_by_month(rows, columns) if by_month else area_sums(rows, columns) -%}
  {{ return(amount_of(
    dataset, parsed, amount, unit, only, since, by_month,
    relation='(' ~ (running_sums(sums) if since else sums) ~ ')', area='area'
  )) }}
{% endmacro %}


{# As area_amount, of a dataset without areas: for the county, sums over the rows of a year.
   by_month: whether the rows are of months; words: what is printed instead of the expression. #}
{% macro county_amount(dataset, amount, unit=none, part=none, only={}, by_month=false, words=none) %}
  {%- set parsed = parsed_expression(amount) -%}
  {%- set rows = dataset_rows(dataset, only=only, by_month=by_month) -%}
  {{ return(amount_of(
    dataset, parsed, words or amount, unit, {} if words else only, none, by_month,
    relation='(' ~ part_sums(rows, ['year'], {'amount': parsed.sql}, part=part) ~ ')', area=county()
  )) }}
{% endmacro %}


{# ---- Formulas over an amount ---- #}

{# An amount of the county over a statistic of the year (a column of int_statistics). #}
{% macro per_statistic(amount, statistic, scale=1, note='') %}
  {%- set words = statistics()[statistic].words -%}
  {%- set relation -%}
  (
    select
      sums.year,
      sums.{{ amount.value }} as numerator,
      statistics.{{ statistic }} as denominator,
      sums.is_flagged or statistics.is_flagged as is_flagged,
      {{ joined_arrays(['sums.computed_rows', 'statistics.' ~ statistic ~ '_rows']) }} as computed_rows
    from {{ amount.relation }} as sums
    inner join {{ ref('int_statistics') }} as statistics on sums.year = statistics.year
    {% if amount.area == 'area' %}where sums.area = {{ county() }}{% endif %}
  )
  {%- endset -%}
  {{ return(ratio_of(
    relation, 'numerator', 'denominator', scale,
    printed=printed_ratio(amount.expression, words, scale) ~ note,
    fields=dict(amount.fields, socioeconomics=['value', 'unit'])
  )) }}
{% endmacro %}


{# An amount of a year by the days of the year, of the county. #}
{% macro per_day(amount, note='') %}
  {%- set printed -%}
    {{ amount.expression[:-1] }} of the year)/(days of the year){{ ', in ' ~ amount.unit ~ '/d' if amount.unit }}{{ note }}
  {%- endset -%}
  {{ return(dict(
    amount,
    computed=amount.computed ~ ' / cast(' ~ days_of_year('year') ~ ' as double)',
    printed=printed,
    unit=none,
    area=county(),
    where='area = ' ~ county() if amount.area == 'area' else none
  )) }}
{% endmacro %}


{# How much an amount grew against the year before, in percent, by area and for the county. #}
{% macro growth(amount) %}
  {%- set relation -%}
  (
    select
      sums.year,
      sums.area,
      sums.{{ amount.value }} - before.{{ amount.value }} as numerator,
      before.{{ amount.value }} as denominator,
      sums.is_flagged or before.is_flagged as is_flagged,
      {{ joined_arrays(['sums.computed_rows', 'before.computed_rows']) }} as computed_rows
    from {{ amount.relation }} as sums
    inner join {{ amount.relation }} as before on sums.year = before.year + 1 and sums.area = before.area
  )
  {%- endset -%}
  {{ return(ratio_of(
    relation, 'numerator', 'denominator', 100,
    printed='100*(X[y]-X[y-1])/X[y-1], X = ' ~ amount.expression, fields=amount.fields, area='area'
  )) }}
{% endmacro %}


{# A statistic of the year (a column of int_statistics) in a unit. words: what is printed instead of its
   name. #}
{% macro statistic(column, unit, words=none) %}
  {%- set printed = words or statistics()[column].name ~ ' of the year' -%}
  {{ return(dict(
    relation=ref('int_statistics'),
    area=county(),
    computed=column ~ ' * ' ~ unit_factor(unit, 'denominator') ~ ' / ' ~ unit_factor(unit, 'numerator'),
    computed_rows=column ~ '_rows',
    unit=unit,
    printed=printed ~ ', in ' ~ unit,
    fields={'socioeconomics': ['value', 'unit']}
  )) }}
{% endmacro %}


{# ---- Formulas over a relation that the model itself makes ---- #}

{# scale * numerator / denominator of the columns of a relation. numerator, denominator: a column, or
   {column: its meaning in words}; reported: a column; zero_when: a condition under which the ratio is 0
   whatever the denominator; by_area: whether the relation has areas, else its rows are the county's. #}
{% macro ratio(relation, numerator, denominator, fields, scale=100, reported=none, zero_when=none, by_area=false, rows='computed_rows', note='') %}
  {%- set top, top_words = named_column(numerator) -%}
  {%- set bottom, bottom_words = named_column(denominator) -%}
  {{ return(ratio_of(
    relation, top, bottom, scale, printed=printed_ratio(top_words, bottom_words, scale) ~ note, fields=fields,
    reported=reported, area='area' if by_area else county(), zero_when=zero_when, rows=rows
  )) }}
{% endmacro %}


{# An amount of the county in columns of a relation: computed, and as the department evaluated it.
   Either is a column or {column: its meaning in words}; the first that is given is printed. #}
{% macro amount(relation, fields, computed=none, reported=none, where=none, rows='computed_rows') %}
  {%- set words = named_column(computed or reported)[1] -%}
  {{ return(dict(
    relation=relation,
    area=county(),
    where=where,
    value=named_column(computed)[0] if computed else none,
    computed=named_column(computed)[0] if computed else none,
    reported=named_column(reported)[0] if reported else none,
    computed_rows=rows if computed else none,
    reported_rows='reported_rows' if reported else none,
    expression=words,
    printed=words,
    fields=fields
  )) }}
{% endmacro %}


{# ---- What these macros share ---- #}

{% macro ratio_of(relation, numerator, denominator, scale, printed, fields, reported=none, area=none, where=none, zero_when=none, rows='computed_rows') %}
  {%- set computed -%}
    case
      {% if zero_when %}when {{ zero_when }} then 0{% endif %}

      when {{ denominator }} > 0 then {{ scale }} * cast({{ numerator }} as double) / {{ denominator }}
    end
  {%- endset -%}
  {{ return(dict(
    relation=relation, area=area or county(), where=where,
    numerator=numerator, denominator=denominator, computed=computed, reported=reported,
    computed_rows=rows, reported_rows='reported_rows' if reported else none,
    printed=printed, fields=fields
  )) }}
{% endmacro %}


{% macro amount_of(dataset, parsed, expression, unit, only, since, by_month, relation, area) %}
  {%- set printed -%}
    {{ expression }}
    {%- for field, value in only.items() %} of {{ field | replace('_', ' ') }} {{ value }}{% endfor -%}
    {{ ' from ' ~ since ~ ' to the year' if since }}{{ ' of the year' if by_month }}{{ ', in ' ~ unit if unit }}
  {%- endset -%}
  {{ return(dict(
    relation=relation, area=area, value='amount',
    computed=converted('amount', dataset, parsed.fields[0], unit) if unit else 'amount',
    computed_rows='computed_rows',
    expression=expression, unit=unit, printed=printed, fields={dataset: parsed.fields}
  )) }}
{% endmacro %}


{# The rows of a dataset as a relation. only: {field: value}; since: the first year; by_month: rows of
   months get the year of each. #}
{% macro dataset_rows(dataset, only={}, since=none, by_month=false) %}
  {%- set conditions = [] -%}
  {%- for field, value in only.items() %}{% do conditions.append(field ~ " = '" ~ value ~ "'") %}{% endfor -%}
  {%- if since %}{% do conditions.append('year >= ' ~ since) %}{% endif -%}
  {%- set rows = ref('stg_' ~ dataset) -%}
  {%- if not conditions and not by_month -%}{{ return(rows) }}{%- endif -%}
  {{ return(
    '(select *' ~ (', extract(year from month) as year' if by_month else '') ~ ' from ' ~ rows
    ~ (' where ' ~ conditions | join(' and ') if conditions else '') ~ ')'
  ) }}
{% endmacro %}


{# area_sums of an amount added up from year to year. #}
{% macro running_sums(sums) -%}
  select
    year,
    area,
    case when amount is not null then sum(amount) over (partition by area order by year) end as amount,
    bool_or(is_flagged) over (partition by area order by year) as is_flagged,
    {{ grouped_rows(window='over (partition by area order by year)') }} as computed_rows
  from ({{ sums }}) as years
{%- endmacro %}


{# A printed expression as {sql, fields}. #}
{% macro parsed_expression(printed, missing_as_zero={}) %}
  {%- set inner, _, condition = (printed | replace('sum(', '') | replace(')', '')).partition(' where ') -%}
  {%- set parsed = namespace(sql=inner) -%}
  {%- for fields in missing_as_zero.values() -%}
    {%- for field in fields -%}
      {%- set parsed.sql = modules.re.sub('\\b' ~ field ~ '\\b', 'coalesce(' ~ field ~ ', 0)', parsed.sql) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- if condition -%}
    {%- set parsed.sql = 'case when ' ~ condition ~ ' then ' ~ parsed.sql ~ ' else 0 end' -%}
  {%- endif -%}
  {%- set names = modules.re.findall('[a-z_][a-z0-9_]*', inner ~ ' ' ~ condition) -%}
  {{ return({'sql': parsed.sql, 'fields': names | reject('equalto', 'not') | unique | list}) }}
{% endmacro %}


{% macro merged_fields(parsed) %}
  {{ return(parsed | map(attribute='fields') | sum(start=[]) | unique | list) }}
{% endmacro %}


{# A column and its meaning, of a column or {column: its meaning in words}. #}
{% macro named_column(term) %}
  {%- if term is mapping -%}{{ return((term.items() | list)[0]) }}{%- endif -%}
  {{ return((term, term)) }}
{% endmacro %}


{% macro printed_ratio(numerator, denominator, scale) %}
  {%- if scale == 1 -%}
    {{ return(numerator ~ (' / ' if ' ' in numerator ~ denominator else '/') ~ denominator) }}
  {%- endif -%}
  {{ return(scale ~ '*' ~ bracketed(numerator) ~ '/' ~ bracketed(denominator)) }}
{% endmacro %}


{% macro bracketed(expression) %}
  {%- set is_one = expression.startswith('sum(') or not modules.re.search('[ +*-]', expression) -%}
  {{ return(expression if is_one else '(' ~ expression ~ ')') }}
{% endmacro %}


{% macro printed_missing_as_zero(missing_as_zero) -%}
  {%- for words, fields in missing_as_zero.items() %}, missing {{ words }} {{ 'counts' if fields | length == 1 else 'count' }} as 0{% endfor -%}
{%- endmacro %}
