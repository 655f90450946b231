"""The lines of an order sum up to the order, to the last cent: a constraint of the database, looked at when a transaction ends."""

from django.db import migrations

SUMS = """
CREATE FUNCTION orders_order_is_the_sum_of_lines() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    one bigint;
    sale orders_order%ROWTYPE;
    parts record;
BEGIN
    IF TG_TABLE_NAME = 'orders_order' THEN
        one := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        one := OLD.order_id;
    ELSE
        one := NEW.order_id;
    END IF;
    SELECT * INTO sale FROM orders_order WHERE id = one;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(total), 0) AS goods, coalesce(sum(discount), 0) AS discount, coalesce(sum(tax), 0) AS tax,
           bool_and(unit_price = floor(unit_price) AND discount = floor(discount) AND tax = floor(tax)) AS whole
      INTO parts FROM orders_orderline WHERE order_id = one;
    IF parts.goods <> sale.goods_total
       OR parts.discount + sale.shipping_discount <> sale.discount_total
       OR parts.tax + sale.shipping_tax <> sale.tax_total THEN
        RAISE EXCEPTION 'the lines of order % do not sum up to it', sale.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_is_the_sum_of_lines';
    END IF;
    IF sale.currency IN ('JPY', 'KRW') AND NOT parts.whole THEN
        RAISE EXCEPTION 'a line of order % has a part of a unit that % has no coin for', sale.id, sale.currency
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_line_can_be_paid';
    END IF;
    RETURN NULL;
END $body$;

CREATE CONSTRAINT TRIGGER order_is_the_sum_of_lines AFTER INSERT ON orders_order
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION orders_order_is_the_sum_of_lines();
CREATE CONSTRAINT TRIGGER order_is_the_sum_of_lines_still AFTER UPDATE ON orders_order
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN ((OLD.goods_total, OLD.discount_total, OLD.tax_total, OLD.shipping_discount, OLD.shipping_tax, OLD.currency)
      IS DISTINCT FROM
      (NEW.goods_total, NEW.discount_total, NEW.tax_total, NEW.shipping_discount, NEW.shipping_tax, NEW.currency))
EXECUTE FUNCTION orders_order_is_the_sum_of_lines();
CREATE CONSTRAINT TRIGGER order_is_the_sum_of_lines AFTER INSERT OR DELETE ON orders_orderline
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION orders_order_is_the_sum_of_lines();
CREATE CONSTRAINT TRIGGER order_is_the_sum_of_lines_still AFTER UPDATE ON orders_orderline
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN ((OLD.order_id, OLD.total, OLD.discount, OLD.tax, OLD.unit_price)
      IS DISTINCT FROM (NEW.order_id, NEW.total, NEW.discount, NEW.tax, NEW.unit_price))
EXECUTE FUNCTION orders_order_is_the_sum_of_lines();
"""

BACK = """
DROP TRIGGER order_is_the_sum_of_lines_still ON orders_orderline;
DROP TRIGGER order_is_the_sum_of_lines ON orders_orderline;
DROP TRIGGER order_is_the_sum_of_lines_still ON orders_order;
DROP TRIGGER order_is_the_sum_of_lines ON orders_order;
DROP FUNCTION orders_order_is_the_sum_of_lines();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_coupons_and_taxes")]

    operations = [migrations.RunSQL(SUMS, BACK)]
