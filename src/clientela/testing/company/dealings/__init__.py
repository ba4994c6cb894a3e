"""Between customers and the company: sales, subscriptions, invoices, visits, calls, cases, surveys."""
