"""The voice of the customer: what people say in their own words, in Italian and English."""
