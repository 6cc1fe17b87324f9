package io.penstock.run;

import io.penstock.schema.Run;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;

/** The order in which runs are listed: the newest first, those that began at the same moment by their ids. */
public final class RunOrder {
    /** The field of what the store {@code runs-by-time} has of a run. */
    public static final String ALERT_ID = "alert_id";

    private static final Pattern PLACE = Pattern.compile("[0-9]{19}/.+", Pattern.DOTALL);

    private RunOrder() {}

    /** The place of a run, a key of the store {@code runs-by-time}. */
    public static String place(Run run) {
        return place(run.getStartedAt(), run.getRunId());
    }

    static String place(Instant startedAt, String runId) {
        long fromTheEndOfTime = Long.MAX_VALUE - Math.max(0, startedAt.toEpochMilli());
        return String.format(Locale.ROOT, "%019d/%s", fromTheEndOfTime, runId);
    }

    /** Whether a text is a place rather than the id of a run. */
    public static boolean isPlace(String text) {
        return PLACE.matcher(text).matches();
    }

    /** The id of the run that has a place. */
    public static String runId(String place) {
        return place.substring(place.indexOf('/') + 1);
    }
}
