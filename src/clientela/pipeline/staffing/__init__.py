"""What whoever administers needs to know: what grants can be limited to, who sees a customer, who must stay."""
