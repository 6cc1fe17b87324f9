package io.penstock.registry;

import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/** An Avro schema as text. Two texts are the same schema when they print alike, whatever their spacing and order. */
final class SchemaText {
    private SchemaText() {}

    static Schema parse(String text) {
        try {
            return new Schema.Parser().parse(text);
        } catch (SchemaParseException e) {
            throw invalid(e);
        } catch (AvroRuntimeException | NullPointerException | IllegalArgumentException | ClassCastException e) {
            // Avro's parser meets some malformed schemas with whatever it stumbles over.
            throw invalid(e);
        }
    }

    /** The one form in which a schema is kept. */
    static String canonical(Schema schema) {
        return schema.toString();
    }

    private static RegistryException invalid(RuntimeException cause) {
        return new RegistryException(
                RegistryException.INVALID_SCHEMA, "The schema is not valid Avro: " + cause.getMessage());
    }
}
