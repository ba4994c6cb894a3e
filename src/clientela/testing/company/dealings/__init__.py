"""What else there is between customers and the company: subscriptions, invoices, visits, calls, cases, surveys."""
