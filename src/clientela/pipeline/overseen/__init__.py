"""What people are told of the data itself: what arrived, what stays out, what each table is made of, what ran."""
