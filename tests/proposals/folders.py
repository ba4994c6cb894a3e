"""Small folders of exports as companies in four languages send them, and what is right for each file.

The truth stands beside the files that make it, and was written before the code that proposes.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

Truth = dict[str, Any]
FACT = ["upsert", "append"]
LIST = ["full", "upsert"]


def _write(path: Path, rows: list[list[object]], *, sep: str = ",", encoding: str = "utf-8", above: str = "") -> None:
    text = above + "\n".join(sep.join(str(cell) for cell in row) for row in rows) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def _comma(value: float) -> str:
    """1234.5 as 1.234,50."""
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def spanish_shop(folder: Path) -> list[Truth]:
    """cp1252, semicolons, decimal commas, heads and lines apart, customers and products beside them."""
    chance = random.Random(1)  # noqa: S311 - made-up data
    towns = [("Málaga", "29001", "Andalucía"), ("León", "24001", "Castilla y León"), ("Cádiz", "11001", "Andalucía")]
    names = ["Íñigo Muñoz", "Ana Peña", "José Ramírez", "Lucía Ibáñez", "Begoña Núñez"]
    customers: list[list[object]] = [
        ["Código cliente", "Nombre y apellidos", "Dirección", "C.P.", "Población", "Provincia", "Correo electrónico",
         "Teléfono", "NIF", "Fecha de alta"]
    ]  # fmt: skip
    for number in range(1, 61):
        town, code, region = towns[number % 3]
        day = date(2021, 1, 1) + timedelta(days=number * 9)
        customers.append(
            [f"C{number:04d}", names[number % 5], f"Calle Mayor {number}", code, town, region,
             f"cliente{number}@correo.es", f"+34 6{number:08d}", f"{number:08d}Z", f"{day:%d/%m/%Y}"]
        )  # fmt: skip
    articles: list[list[object]] = [["Referencia", "Artículo", "Familia", "Subfamilia", "Marca", "P.V.P.", "Coste"]]
    for number in range(1, 41):
        price = 3 + number * 1.35
        articles.append(
            [f"A-{number:03d}", f"Artículo nº {number}", f"Familia {number % 4}", f"Sub {number % 12}",
             f"Marca {number % 6}", _comma(price), _comma(price * 0.6)]
        )  # fmt: skip
    heads: list[list[object]] = [["Núm. pedido", "Fecha pedido", "Código cliente", "Forma de pago", "Canal"]]
    lines: list[list[object]] = [["Núm. pedido", "Línea", "Referencia", "Cantidad", "Precio unitario", "Importe neto"]]
    for number in range(1, 301):
        day = date(2023, 1, 1) + timedelta(days=number * 2)
        pay = chance.choice(["tarjeta", "efectivo", "transferencia"])
        heads.append([f"P{number:05d}", f"{day:%d/%m/%Y}", f"C{chance.randint(1, 60):04d}", pay,
                      chance.choice(["tienda", "web"])])  # fmt: skip
        for line in range(1, chance.randint(2, 5)):
            article = chance.randint(1, 40)
            quantity, price = chance.randint(1, 400), 3 + article * 1.35
            lines.append([f"P{number:05d}", line, f"A-{article:03d}", quantity, _comma(price),
                          _comma(quantity * round(price, 2))])  # fmt: skip
    for name, rows in (("clientes", customers), ("artículos", articles), ("pedidos", heads), ("líneas_pedido", lines)):
        _write(folder / f"{name}.csv", rows, sep=";", encoding="cp1252")
    form = {"delimiter": ";", "decimal": ",", "date": "%d/%m/%Y", "encoding": "cp1252"}
    return [
        {"path": "clientes.csv", "table": ["customer_record"], "delivery": LIST,
         "columns": {"Código cliente": "record_id", "Nombre y apellidos": "full_name", "Dirección": "street",
                     "C.P.": "postal_code", "Población": "city", "Provincia": "region",
                     "Correo electrónico": "email", "Teléfono": "phone", "NIF": "tax_id",
                     "Fecha de alta": "created_at"},
         "format": {k: form[k] for k in ("delimiter", "date", "encoding")}},
        {"path": "artículos.csv", "table": ["product"], "delivery": LIST,
         "columns": {"Referencia": "product_id", "Artículo": "name", "Familia": "category",
                     "Subfamilia": "subcategory", "Marca": "brand", "P.V.P.": "list_price", "Coste": "unit_cost"},
         "format": {k: form[k] for k in ("delimiter", "decimal", "encoding")}},
        {"path": "pedidos.csv", "table": ["order_line"], "delivery": FACT, "join": "líneas_pedido.csv",
         "columns": {"Núm. pedido": "order_id", "Fecha pedido": "ordered_at", "Código cliente": "customer_ref",
                     "Forma de pago": "payment_method", "Canal": "channel"}},
        {"path": "líneas_pedido.csv", "table": ["order_line"], "delivery": FACT, "join": "pedidos.csv",
         "columns": {"Núm. pedido": "order_id", "Línea": "line_no", "Referencia": "product_id",
                     "Cantidad": "quantity", "Precio unitario": "", "Importe neto": "net_revenue"},
         "format": {k: form[k] for k in ("delimiter", "decimal", "date")}},
    ]  # fmt: skip


def italian_company(folder: Path) -> list[Truth]:
    """UTF-8 with a mark, semicolons, invoices with due dates, customers that are firms, visits of sellers."""
    chance = random.Random(2)  # noqa: S311 - made-up data
    customers: list[list[object]] = [
        ["Codice cliente", "Ragione sociale", "Indirizzo", "CAP", "Città", "Prov.", "Nazione", "Partita IVA",
         "E-mail", "Settore", "Fido", "Data creazione"]
    ]  # fmt: skip
    invoices: list[list[object]] = [
        ["Numero fattura", "Data fattura", "Codice cliente", "Importo", "Scadenza", "Data pagamento"]
    ]
    visits: list[list[object]] = [["ID visita", "Data e ora", "Cliente", "Venditore", "Durata (secondi)", "Esito"]]
    for number in range(1, 81):
        opened = date(2020, 1, 1) + timedelta(days=13 * number)
        customers.append(
            [number + 1000, f"Rossi {number} S.r.l.", f"Via Roma {number}", f"{20100 + number}",
             chance.choice(["Milano", "Forlì", "Cefalù"]), chance.choice(["MI", "FC", "PA"]), "IT",
             f"{number:011d}", f"info{number}@rossi.it", chance.choice(["edilizia", "commercio"]),
             _comma(1000 * number), f"{opened:%d/%m/%Y}"]
        )  # fmt: skip
        for sent in range(3):
            day = date(2024, 1, 5) + timedelta(days=number + 60 * sent)
            paid = f"{day + timedelta(days=25):%d/%m/%Y}" if chance.random() < 0.8 else ""
            invoices.append([f"2024/{number * 3 + sent}", f"{day:%d/%m/%Y}", number + 1000,
                             _comma(chance.uniform(900, 9000)), f"{day + timedelta(days=30):%d/%m/%Y}",
                             paid])  # fmt: skip
        when = datetime(2024, 2, 1, 9, 30) + timedelta(days=number, minutes=7 * number)
        visits.append([f"V{number}", f"{when:%d/%m/%Y %H:%M}", number + 1000, f"AG{number % 5}",
                       600 + 30 * number, chance.choice(["ordine", "nessun interesse", "richiamare"])])  # fmt: skip
    for name, rows in (("clienti", customers), ("fatture", invoices), ("visite", visits)):
        _write(folder / f"{name}.csv", rows, sep=";", encoding="utf-8-sig")
    return [
        {"path": "clienti.csv", "table": ["customer_record"], "delivery": LIST,
         "columns": {"Codice cliente": "record_id", "Ragione sociale": "company", "Indirizzo": "street",
                     "CAP": "postal_code", "Città": "city", "Prov.": "region", "Nazione": "country",
                     "Partita IVA": "tax_id", "E-mail": "email", "Settore": "sector", "Fido": "credit_limit",
                     "Data creazione": "created_at"},
         "format": {"delimiter": ";", "decimal": ",", "date": "%d/%m/%Y"}},
        {"path": "fatture.csv", "table": ["invoice"], "delivery": FACT,
         "columns": {"Numero fattura": "invoice_id", "Data fattura": "issued_on", "Codice cliente": "customer_ref",
                     "Importo": "amount", "Scadenza": "due_on", "Data pagamento": "paid_on"},
         "format": {"delimiter": ";", "decimal": ",", "date": "%d/%m/%Y"}},
        {"path": "visite.csv", "table": ["interaction"], "delivery": FACT,
         "columns": {"ID visita": "interaction_id", "Data e ora": "started_at", "Cliente": "customer_ref",
                     "Venditore": "agent_id", "Durata (secondi)": "duration_s", "Esito": "outcome"},
         "format": {"delimiter": ";", "date": "%d/%m/%Y %H:%M"}},
    ]  # fmt: skip


def dutch_shop(folder: Path) -> list[Truth]:
    """A file a month, tax apart from the amount, complaints, subscriptions; tabs in one of them."""
    chance = random.Random(3)  # noqa: S311 - made-up data
    for month in (1, 2, 3):
        rows: list[list[object]] = [
            ["Bestelnummer", "Besteldatum", "Klantnummer", "Artikelnummer", "Aantal", "Bedrag excl. btw", "Btw",
             "Korting", "Betaalwijze"]
        ]  # fmt: skip
        for number in range(120):
            net = chance.uniform(5, 2500)
            rows.append(
                [month * 1000 + number, f"{1 + number % 28:02d}-{month:02d}-2024", f"K{chance.randint(1, 50)}",
                 f"ART{chance.randint(1, 20)}", chance.randint(1, 9), _comma(net), _comma(net * 0.21),
                 _comma(chance.choice([0, 2.5])), chance.choice(["iDEAL", "contant"])]
            )  # fmt: skip
        _write(folder / f"bestellingen-2024-{month:02d}.csv", rows, sep=";")
    people: list[list[object]] = [
        ["Klantnummer", "Voornaam", "Achternaam", "Geslacht", "Geboortedatum", "Straat", "Postcode", "Woonplaats",
         "Land", "Telefoonnummer", "E-mailadres", "Aangemaakt op"]
    ]  # fmt: skip
    complaints: list[list[object]] = [
        ["Klachtnummer", "Klantnummer", "Geopend op", "Afgesloten op", "Reden", "Omschrijving"]
    ]
    contracts: list[list[object]] = [
        ["Abonnementsnummer", "Klantnummer", "Startdatum", "Einddatum", "Bedrag per maand", "Reden opzegging"]
    ]
    for number in range(1, 51):
        born, made = date(1950, 1, 1) + timedelta(days=431 * number), date(2022, 1, 1) + timedelta(days=11 * number)
        people.append(
            [f"K{number}", chance.choice(["Jan", "Saskia", "Bram"]), chance.choice(["de Vries", "Bakker"]),
             chance.choice(["man", "vrouw"]), f"{born:%d-%m-%Y}", f"Dorpsstraat {number}", f"{1000 + number} AB",
             chance.choice(["Utrecht", "Zwolle"]), "Nederland", f"06-{number:08d}", f"klant{number}@voorbeeld.nl",
             f"{made:%d-%m-%Y}"]
        )  # fmt: skip
        at = date(2024, 1, 13) + timedelta(days=number)
        complaints.append([f"KL-{number}", f"K{number}", f"{at:%d-%m-%Y}", f"{at + timedelta(days=3):%d-%m-%Y}",
                           chance.choice(["te laat", "kapot"]),
                           f"Het pakket kwam te laat aan, nummer {number}."])  # fmt: skip
        ended = f"{at + timedelta(days=90):%d-%m-%Y}" if number % 4 == 0 else ""
        contracts.append([f"AB{number}", f"K{number}", f"{at:%d-%m-%Y}", ended, _comma(9.95 + number % 3),
                          "te duur" if ended else ""])  # fmt: skip
    _write(folder / "klanten.csv", people, sep=";")
    _write(folder / "klachten.tsv", complaints, sep="\t")
    _write(folder / "abonnementen.csv", contracts, sep=";")
    orders = {
        "table": ["order_line"], "delivery": FACT, "pattern": "bestellingen-*.csv",
        "columns": {"Bestelnummer": "order_id", "Besteldatum": "ordered_at", "Klantnummer": "customer_ref",
                    "Artikelnummer": "product_id", "Aantal": "quantity", "Bedrag excl. btw": "net_revenue",
                    "Btw": "tax", "Korting": "discount", "Betaalwijze": "payment_method"},
        "format": {"delimiter": ";", "decimal": ",", "date": "%d-%m-%Y"}}  # fmt: skip
    return [
        {"path": "bestellingen-2024-01.csv", **orders},
        {"path": "klanten.csv", "table": ["customer_record"], "delivery": LIST,
         "columns": {"Klantnummer": "record_id", "Voornaam": "first_name", "Achternaam": "last_name",
                     "Geslacht": "gender", "Geboortedatum": "birth_date", "Straat": "street",
                     "Postcode": "postal_code", "Woonplaats": "city", "Land": "country", "Telefoonnummer": "phone",
                     "E-mailadres": "email", "Aangemaakt op": "created_at"},
         "format": {"delimiter": ";", "date": "%d-%m-%Y"}},
        {"path": "klachten.tsv", "table": ["service_case"], "delivery": FACT,
         "columns": {"Klachtnummer": "case_id", "Klantnummer": "customer_ref", "Geopend op": "opened_at",
                     "Afgesloten op": "closed_at", "Reden": "reason", "Omschrijving": "text"},
         "format": {"delimiter": "\t", "date": "%d-%m-%Y"}},
        {"path": "abonnementen.csv", "table": ["subscription"], "delivery": FACT,
         "columns": {"Abonnementsnummer": "subscription_id", "Klantnummer": "customer_ref",
                     "Startdatum": "started_on", "Einddatum": "ended_on", "Bedrag per maand": "amount",
                     "Reden opzegging": "end_reason"},
         "format": {"delimiter": ";", "decimal": ",", "date": "%d-%m-%Y"}},
    ]  # fmt: skip


def american_store(folder: Path) -> list[Truth]:
    """Commas, month before day, price and discount apart, a survey and an opt-in list."""
    chance = random.Random(4)  # noqa: S311 - made-up data
    orders: list[list[object]] = [
        ["order_number", "order_date", "customer_id", "sku", "qty", "unit_price", "discount_amount", "sales_tax",
         "currency", "sales_channel"]
    ]  # fmt: skip
    for number in range(1, 401):
        day = date(2023, 1, 1) + timedelta(days=chance.randint(0, 600))
        orders.append(
            [100000 + number // 2, f"{day:%m/%d/%Y}", chance.randint(1, 90), f"SKU{chance.randint(1, 30):03d}",
             chance.randint(1, 5), f"{chance.uniform(2, 80):.2f}", f"{chance.choice([0, 0, 1.5]):.2f}",
             f"{chance.uniform(0, 5):.2f}", "USD", chance.choice(["store", "online"])]
        )  # fmt: skip
    people: list[list[object]] = [
        ["customer_id", "first_name", "last_name", "email_address", "phone_number", "street_address", "city", "state",
         "zip", "country", "signup_date"]
    ]  # fmt: skip
    surveys: list[list[object]] = [["response_id", "customer_id", "submitted_at", "nps_score", "comments"]]
    consents: list[list[object]] = [["customer_id", "purpose", "channel", "opted_at", "status"]]
    for number in range(1, 91):
        day = date(2022, 1, 1) + timedelta(days=number * 7)
        people.append(
            [number, chance.choice(["Ann", "Bob"]), chance.choice(["Lee", "Cruz"]), f"user{number}@mail.com",
             f"(555) 555-{number:04d}", f"{number} Main St", "Springfield", chance.choice(["IL", "CA"]),
             f"{60000 + number}", "US", f"{day:%m/%d/%Y}"]
        )  # fmt: skip
        surveys.append([f"r{number}", number, f"2024-03-{1 + number % 28:02d}T10:{number % 60:02d}:00Z",
                        chance.randint(0, 10), "Great" if number % 3 else ""])  # fmt: skip
        consents.append([number, "newsletter", chance.choice(["email", "sms"]), f"2024-01-{1 + number % 28:02d}",
                         chance.choice(["given", "withdrawn"])])  # fmt: skip
    for name, rows in (("orders", orders), ("customers", people), ("survey", surveys), ("consents", consents)):
        _write(folder / f"{name}.csv", rows)
    return [
        {"path": "orders.csv", "table": ["order_line"], "delivery": FACT,
         "columns": {"order_number": "order_id", "order_date": "ordered_at", "customer_id": "customer_ref",
                     "sku": "product_id", "qty": "quantity", "unit_price": "net_revenue",
                     "discount_amount": "discount", "sales_tax": "tax", "currency": "currency",
                     "sales_channel": "channel"},
         "computed": {"net_revenue": ["qty", "unit_price", "discount_amount"]}, "format": {"date": "%m/%d/%Y"}},
        {"path": "customers.csv", "table": ["customer_record"], "delivery": LIST,
         "columns": {"customer_id": "record_id", "first_name": "first_name", "last_name": "last_name",
                     "email_address": "email", "phone_number": "phone", "street_address": "street", "city": "city",
                     "state": "region", "zip": "postal_code", "country": "country", "signup_date": "created_at"},
         "format": {"date": "%m/%d/%Y"}},
        {"path": "survey.csv", "table": ["survey_answer"], "delivery": FACT,
         "columns": {"response_id": "answer_id", "customer_id": "customer_ref", "submitted_at": "answered_at",
                     "nps_score": "score", "comments": "comment"}},
        {"path": "consents.csv", "table": ["consent"], "delivery": FACT,
         "columns": {"customer_id": "record_id", "purpose": "purpose", "channel": "channel", "opted_at": "at",
                     "status": "decision"}},
    ]  # fmt: skip


def two_readings(folder: Path) -> list[Truth]:
    """Dates that could be two dates: no day above 12, no order in the file, nothing else to tell by."""
    chance = random.Random(5)  # noqa: S311 - made-up data
    rows: list[list[object]] = [["Order ID", "Order date", "Customer", "Net amount"]]
    for number in range(200):
        rows.append([number, f"{chance.randint(1, 12):02d}/{chance.randint(1, 12):02d}/2024", f"c{number % 30}",
                     f"{chance.uniform(5, 90):.2f}"])  # fmt: skip
    _write(folder / "sales.csv", rows)
    return [
        {"path": "sales.csv", "table": ["order_line"], "delivery": FACT, "date_unknown": True,
         "columns": {"Order ID": "order_id", "Order date": "ordered_at", "Customer": "customer_ref",
                     "Net amount": "net_revenue"}},
    ]  # fmt: skip


def dutch_marketing(folder: Path) -> list[Truth]:
    """A title above the header, campaigns, mailings and answers to them, leads, in Dutch and English."""
    chance = random.Random(6)  # noqa: S311 - made-up data
    campaigns: list[list[object]] = [["Campagnecode", "Naam", "Startdatum", "Einddatum", "Budget"]]
    mailings: list[list[object]] = [
        ["Contactnummer", "Campagnecode", "Klantnummer", "Verzonden op", "Status", "Kosten"]
    ]
    answers: list[list[object]] = [["Response ID", "Contact ID", "Customer number", "Timestamp", "Type", "Value"]]
    leads: list[list[object]] = [
        ["Opportunity ID", "Account ID", "Owner", "Created date", "Amount", "Expected close date", "Close date",
         "Status", "Lost reason"]
    ]  # fmt: skip
    for number in range(1, 7):
        campaigns.append([f"CMP{number}", f"Actie {number}", f"2024-{number:02d}-01", f"2024-{number:02d}-25",
                          1000 * number])  # fmt: skip
    for number in range(1, 241):
        at = datetime(2024, 1, 1, 8) + timedelta(hours=11 * number)
        campaign = f"CMP{1 + number % 6}"
        mailings.append([f"M{number}", campaign, f"K{number % 80}", f"{at:%Y-%m-%d %H:%M:%S}",
                         chance.choice(["sent", "bounced"]), "0.35"])  # fmt: skip
        if number % 4 == 0:
            answers.append([f"R{number}", f"M{number}", f"K{number % 80}", f"{at:%Y-%m-%dT%H:%M:%S}",
                            chance.choice(["open", "click"]), ""])  # fmt: skip
        if number % 3 == 0:
            status = chance.choice(["open", "won", "lost"])
            closed = f"{at + timedelta(days=20):%Y-%m-%d}" if status != "open" else ""
            leads.append([f"OPP-{number}", f"ACC{number % 50}", f"seller{number % 4}", f"{at:%Y-%m-%d}",
                          chance.randint(1000, 90000), f"{at + timedelta(days=30):%Y-%m-%d}", closed, status,
                          "price" if status == "lost" else ""])  # fmt: skip
    _write(folder / "campagnes.csv", campaigns, above="Overzicht campagnes 2024\n\n")
    _write(folder / "mailings.csv", mailings)
    _write(folder / "crm" / "responses.csv", answers)
    _write(folder / "crm" / "opportunities.csv", leads)
    return [
        {"path": "campagnes.csv", "table": ["campaign"], "delivery": LIST, "skip": True,
         "columns": {"Campagnecode": "campaign_id", "Naam": "name", "Startdatum": "starts_on",
                     "Einddatum": "ends_on", "Budget": "budget"}},
        {"path": "mailings.csv", "table": ["contact"], "delivery": FACT,
         "columns": {"Contactnummer": "contact_id", "Campagnecode": "campaign_id", "Klantnummer": "customer_ref",
                     "Verzonden op": "sent_at", "Status": "status", "Kosten": "cost"}},
        {"path": "crm/responses.csv", "table": ["response"], "delivery": FACT,
         "columns": {"Response ID": "response_id", "Contact ID": "contact_id", "Customer number": "customer_ref",
                     "Timestamp": "at", "Type": "kind", "Value": "value"}},
        {"path": "crm/opportunities.csv", "table": ["opportunity"], "delivery": FACT,
         "columns": {"Opportunity ID": "opportunity_id", "Account ID": "customer_ref", "Owner": "owner_id",
                     "Created date": "opened_at", "Amount": "amount", "Expected close date": "expected_close_on",
                     "Close date": "closed_at", "Status": "status", "Lost reason": "lost_reason"}},
    ]  # fmt: skip


FOLDERS: dict[str, Callable[[Path], list[Truth]]] = {
    "spanish_shop": spanish_shop,
    "italian_company": italian_company,
    "dutch_shop": dutch_shop,
    "american_store": american_store,
    "two_readings": two_readings,
    "dutch_marketing": dutch_marketing,
}
