package io.penstock.registry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a subject, or of all that have none.
 *
 * @param level null when it says nothing of compatibility
 * @param normalize whether schemas are normalised before they are compared; null when it says nothing of that
 * @param value the record's value, with whatever else another registry wrote there
 */
record SubjectConfig(
        @Nullable CompatibilityLevel level, @Nullable Boolean normalize, ObjectNode value) {
    static final String LEVEL = "compatibilityLevel";
    static final String NORMALIZE = "normalize";

    static SubjectConfig empty() {
        return new SubjectConfig(null, null, JsonNodeFactory.instance.objectNode());
    }

    /** With what is given; what is null stays as it was. */
    SubjectConfig with(@Nullable CompatibilityLevel newLevel, @Nullable Boolean newNormalize) {
        ObjectNode changed = value.deepCopy();
        if (newLevel != null) {
            changed.put(LEVEL, newLevel.name());
        }
        if (newNormalize != null) {
            changed.put(NORMALIZE, newNormalize);
        }
        return new SubjectConfig(
                newLevel == null ? level : newLevel, newNormalize == null ? normalize : newNormalize, changed);
    }
}
