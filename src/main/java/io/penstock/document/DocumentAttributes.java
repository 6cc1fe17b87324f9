package io.penstock.document;

/** Names of what documents say about themselves, as they stand among the attributes of a record. */
public final class DocumentAttributes {
    /** Who wrote it; several are separated by semicolons. */
    public static final String AUTHORS = "authors";

    /** When it was written, sent or published: ISO 8601. */
    public static final String CREATED_AT = "created_at";

    /** When it was changed last: ISO 8601. */
    public static final String CHANGED_AT = "changed_at";

    /** The language that it says it is in: a tag of BCP 47. */
    public static final String LANGUAGE = "document_language";

    /** How many pages or slides it has. */
    public static final String PAGES = "pages";

    /** What it was found to be, where that is not what it was declared as. */
    public static final String DETECTED_TYPE = "detected_type";

    /** How many documents inside of it were not read, because there are too many of them or they lie too deep. */
    public static final String LEFT_OUT = "attachments_left_out";

    private DocumentAttributes() {}
}
