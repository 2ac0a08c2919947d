-- Takes back what schema.sql created, and the copy in it.
DROP TABLE IF EXISTS public.orders;
DROP TABLE IF EXISTS public.customers;
