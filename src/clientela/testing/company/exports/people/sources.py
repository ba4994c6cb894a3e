"""The settings that read who the customers are."""

from __future__ import annotations

SETTINGS = """
[[source]]
name = "till"
table = "customer_record"
path = "exports/till-cards-*.csv"
delivery = "upsert"
format = { delimiter = ";", date = "%d/%m/%Y %H:%M:%S", encoding = "cp1252" }
[source.columns]
record_id = "Tarjeta"
full_name = "Titular"
gender = "Sexo"
birth_date = "Nacimiento"
phone = "Teléfono"
email = "Correo"
street = "Dirección"
postal_code = "CP"
city = "Población"
country = "País"
nationality = "Nacionalidad"
language = "Idioma"
tax_id = "NIF"
created_at = "Alta"
updated_at = "Cambio"
[source.constants]
kind = "person"

[[source]]
name = "shop"
table = "customer_record"
path = "exports/shop-accounts-*.jsonl"
delivery = "upsert"
timezone = "UTC"
[source.columns]
record_id = "account"
first_name = "firstName"
last_name = "lastName"
email = "email"
phone = "mobile"
street = "address"
postal_code = "zip"
city = "town"
country = "country"
birth_date = "birthday"
gender = "gender"
tax_id = "vat"
language = "locale"
created_at = "registered"
updated_at = "changed"
[source.constants]
kind = "person"

[[source]]
name = "office"
table = "customer_record"
path = "exports/office-companies-*.tsv"
delivery = "upsert"
timezone = "Europe/London"
format = { delimiter = "\\t", date = "%m/%d/%Y %I:%M:%S %p" }
[source.columns]
record_id = "Account"
company = "Company"
tax_id = "Tax no"
street = "Street"
postal_code = "Post code"
city = "City"
country = "Country"
phone = "Phone"
email = "Email"
sector = "Sector"
payment_terms_days = "Terms"
credit_limit = "Limit"
language = "Language"
created_at = "Entered"
updated_at = "Changed"
[source.constants]
kind = "organisation"

[[source]]
name = "office"
table = "customer_record"
path = "exports/office-contacts-*.tsv"
delivery = "upsert"
timezone = "Europe/London"
format = { delimiter = "\\t", date = "%m/%d/%Y %I:%M:%S %p" }
[source.columns]
record_id = "Contact"
first_name = "First"
last_name = "Last"
gender = "Title"
company = "Company"
department = "Department"
job_title = "Job"
phone = "Phone"
email = "Email"
country = "Country"
language = "Language"
created_at = "Entered"
updated_at = "Changed"
[source.constants]
kind = "person"

[[source]]
name = "office"
table = "relation"
path = "exports/office-relations-*.tsv"
delivery = "upsert"
format = { delimiter = "\\t", date = "%m/%d/%Y" }
[source.columns]
from_ref = "Who"
to_ref = "Whom"
kind = "Is"
valid_from = "From"
valid_to = "To"

[[source]]
name = "till"
table = "relation"
path = "exports/till-families-*.csv"
delivery = "upsert"
format = { delimiter = ";", date = "%d/%m/%Y", encoding = "cp1252" }
[source.columns]
from_ref = "Tarjeta"
to_ref = "Tarjeta principal"
valid_from = "Desde"
[source.constants]
kind = "household"

[[source]]
name = "till"
table = "consent"
path = "exports/till-consents-*.csv"
delivery = "append"
format = { delimiter = ";", date = "%d/%m/%Y %H:%M:%S", encoding = "cp1252" }
[source.columns]
record_id = "Tarjeta"
channel = "Canal"
at = "Fecha"
decision = "Estado"
proof = "Formulario"
[source.constants]
purpose = "advertising"

[[source]]
name = "shop"
table = "consent"
path = "exports/shop-consents-*.jsonl"
delivery = "append"
timezone = "UTC"
[source.columns]
record_id = "account"
channel = "channel"
at = "at"
decision = "decision"
[source.constants]
purpose = "advertising"
proof = "web form"

[[source]]
name = "office"
table = "consent"
path = "exports/office-consents-*.tsv"
delivery = "append"
timezone = "Europe/London"
format = { delimiter = "\\t", date = "%m/%d/%Y %I:%M:%S %p" }
[source.columns]
record_id = "Contact"
channel = "Channel"
at = "Noted"
decision = "Decision"
[source.constants]
purpose = "advertising"
proof = "told by phone"

[[source]]
name = "addresses"
table = "customer_record"
path = "exports/addresses-*.csv"
delivery = "upsert"
[source.columns]
record_id = "ref"
list_id = "list"
first_name = "given name"
last_name = "family name"
gender = "salutation"
street = "street"
postal_code = "postcode"
city = "town"
country = "country"
phone = "telephone"
email = "mail"
birth_date = "born"
created_at = "delivered"
[source.constants]
kind = "person"

[[source]]
name = "marketing"
table = "contact_list"
path = "exports/lists-*.csv"
delivery = "upsert"
[source.columns]
list_id = "list"
supplier = "supplier"
cost = "price"
delivered_on = "delivered"
records = "addresses"
consent_basis = "basis"
[source.constants]
kind = "bought"
"""
