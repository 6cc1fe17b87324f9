package io.penstock.registry;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;

/** Parses schemas with the types that they take from other subjects. */
final class SchemaResolver {
    private final RegistryState state;

    SchemaResolver(RegistryState state) {
        this.state = state;
    }

    /**
     * Parses what is to be registered, looked up or checked.
     *
     * @throws RegistryException {@link RegistryException#INVALID_SCHEMA} when it is no Avro schema, or a reference leads nowhere
     */
    ParsedSchema parse(SchemaContent content) {
        return guarded(() -> {
            SchemaContent numbered = content.withReferences(numbered(content.references()));
            Schema.Parser parser = new Schema.Parser(NameValidator.STRICT_VALIDATOR);
            Set<SchemaReference> seen = new HashSet<>();
            readReferences(numbered, parser, seen);
            List<Schema> others = List.copyOf(parser.getTypes().values());
            Schema schema = parser.parse(content.text());
            return new ParsedSchema(numbered.withText(text(schema, others)), schema);
        });
    }

    /**
     * Parses what is kept, whatever rules for names and defaults held where it was registered.
     *
     * @throws RegistryException when it cannot be read
     */
    Schema parseKept(SchemaContent content) {
        return guarded(() -> keptParser(content).parse(content.text()));
    }

    /** The canonical text of what is kept; another registry may have written it in another spacing or order. */
    String canonicalText(SchemaContent content) {
        return guarded(() -> {
            Schema.Parser parser = keptParser(content);
            List<Schema> others = List.copyOf(parser.getTypes().values());
            return text(parser.parse(content.text()), others);
        });
    }

    /** The schema with the types of others by name, as it was before they were resolved. */
    @SuppressWarnings("deprecation") // Avro has no other way to print a schema without the types it was given
    private static String text(Schema schema, List<Schema> others) {
        return others.isEmpty() ? schema.toString() : schema.toString(others, false);
    }

    private Schema.Parser keptParser(SchemaContent content) {
        if (!content.isAvro()) {
            throw RegistryException.invalidSchema("The schema is " + content.type() + ", not Avro.");
        }
        Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false);
        readReferences(content, parser, new HashSet<>());
        return parser;
    }

    private List<SchemaReference> numbered(List<SchemaReference> references) {
        List<SchemaReference> numbered = new ArrayList<>();
        for (SchemaReference reference : references) {
            SchemaVersion version = reference.version() == SchemaReference.LATEST
                    ? state.latest(reference.subject(), VersionFilter.LIVE).orElseThrow(() -> missing(reference))
                    : state.version(reference.subject(), reference.version(), VersionFilter.LIVE)
                            .orElseThrow(() -> missing(reference));
            numbered.add(reference.withVersion(version.version()));
        }
        return List.copyOf(numbered);
    }

    /** Depth first, since a type must be known before it is used. */
    private void readReferences(SchemaContent content, Schema.Parser parser, Set<SchemaReference> seen) {
        for (SchemaReference reference : content.references()) {
            if (seen.add(new SchemaReference("", reference.subject(), reference.version()))) {
                SchemaContent other = state.version(reference.subject(), reference.version(), VersionFilter.ALL)
                        .orElseThrow(() -> missing(reference))
                        .content();
                if (!other.isAvro()) {
                    throw RegistryException.invalidSchema("The reference '"
                            + RegistryException.shortened(reference.name()) + "' is " + other.type() + ", not Avro.");
                }
                readReferences(other, parser, seen);
                parser.parse(other.text());
            }
        }
    }

    private static RegistryException missing(SchemaReference reference) {
        return RegistryException.invalidSchema("No schema reference found for subject \""
                + RegistryException.shortened(reference.subject()) + "\" and version " + reference.version());
    }

    private static <T> T guarded(Supplier<T> parsing) {
        try {
            return parsing.get();
        } catch (RegistryException e) {
            throw e;
        } catch (AvroRuntimeException
                | NullPointerException
                | IllegalArgumentException
                | ClassCastException
                | IndexOutOfBoundsException
                | StackOverflowError e) {
            // Avro's parser meets some malformed schemas with whatever it stumbles over.
            throw RegistryException.invalidSchema("The schema is not valid Avro: "
                    + RegistryException.shortened(
                            e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
        }
    }
}
