package io.penstock.registry;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;

/** Checks a new schema against earlier ones by Avro's rules of schema resolution. */
final class Compatibility {
    private Compatibility() {}

    /**
     * What stands in the way; empty when it fits.
     *
     * @param earlier the versions of the subject, oldest first
     */
    static List<String> problems(
            CompatibilityLevel level, Schema proposed, List<SchemaVersion> earlier, SchemaResolver resolver) {
        List<String> problems = new ArrayList<>();
        if (level == CompatibilityLevel.NONE) {
            return problems;
        }
        int from = level.transitive() ? 0 : Math.max(0, earlier.size() - 1);
        for (SchemaVersion version : earlier.subList(from, earlier.size())) {
            Schema old;
            try {
                old = resolver.parseKept(version.content());
            } catch (RegistryException e) {
                problems.add("Version " + version.version() + " cannot be compared: " + e.getMessage());
                continue;
            }
            if (level.readsOlder()) {
                problems.addAll(
                        problems(proposed, old, "The new schema cannot read data of version " + version.version()));
            }
            if (level.isReadByOlder()) {
                problems.addAll(problems(
                        old, proposed, "Version " + version.version() + " cannot read data of the new schema"));
            }
        }
        return problems;
    }

    private static List<String> problems(Schema reader, Schema writer, String prefix) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getResult()
                .getIncompatibilities()
                .stream()
                .map(problem -> prefix + ": " + describe(reader, problem))
                .toList();
    }

    private static String describe(Schema reader, Incompatibility problem) {
        String field = field(reader, problem.getLocation());
        String where = field.isEmpty() ? "at '" + problem.getLocation() + "'" : "field '" + field + "'";
        String what = switch (problem.getType()) {
            case READER_FIELD_MISSING_DEFAULT_VALUE -> "is missing on the writing side and has no default value";
            case TYPE_MISMATCH -> "has another type (" + problem.getMessage() + ")";
            case MISSING_ENUM_SYMBOLS -> "lacks enum symbols (" + problem.getMessage() + ")";
            case MISSING_UNION_BRANCH -> "lacks a type of the union (" + problem.getMessage() + ")";
            case NAME_MISMATCH -> "has another name (" + problem.getMessage() + ")";
            case FIXED_SIZE_MISMATCH -> "has another size (" + problem.getMessage() + ")";
        };
        return where + " " + what + ".";
    }

    /** The names along a location such as {@code /fields/2/type/1/fields/0}, joined by dots. */
    private static String field(Schema reader, String location) {
        List<String> names = new ArrayList<>();
        Schema at = reader;
        String[] steps = location.split("/", -1);
        for (int i = 0; i < steps.length; i++) {
            String step = steps[i];
            if (step.equals("fields") && at.getType() == Schema.Type.RECORD && i + 1 < steps.length) {
                Schema.Field field = at.getFields().get(Integer.parseInt(steps[++i]));
                names.add(field.name());
                at = field.schema();
            } else if (step.equals("items") && at.getType() == Schema.Type.ARRAY) {
                at = at.getElementType();
            } else if (step.equals("values") && at.getType() == Schema.Type.MAP) {
                at = at.getValueType();
            } else if (!step.isEmpty() && Character.isDigit(step.charAt(0)) && at.isUnion()) {
                at = at.getTypes().get(Integer.parseInt(step));
            }
        }
        return String.join(".", names);
    }
}
