package io.penstock.vector;

/** Names of the fields of an indexed chunk. Changing what a field holds changes {@link CommitData#FORMAT}. */
final class IndexFields {
    static final String ID = "id";
    static final String VALUE = "value";
    static final String TEXT = "text";
    static final String RECORD = "record_id";
    static final String TOPIC = "topic";
    static final String SEGMENT = "segment";
    static final String PROCESSOR = "processor";
    static final String ITEM = "item";
    static final String LANGUAGE = "language";
    static final String LABELS = "labels";
    static final String MODEL = "model";
    static final String CAPTURED_AT = "captured_at";

    private static final String VECTOR_PREFIX = "vector/";

    private IndexFields() {}

    /** Each model has its own graph, so that vectors of two models are never compared, and need no filter to be told apart. */
    static String vector(String model, int dimension) {
        return vectorsOf(model) + dimension;
    }

    static boolean isVectorOfOther(String field, String model) {
        return field.startsWith(VECTOR_PREFIX) && !field.startsWith(vectorsOf(model));
    }

    /** What the names of a model's vector fields begin with. */
    static String vectorsOf(String model) {
        return VECTOR_PREFIX + model + "/";
    }
}
