{{ latest_rows('socioeconomics') }}
