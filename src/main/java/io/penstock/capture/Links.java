package io.penstock.capture;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads headers {@code Link} (RFC 8288). */
final class Links {
    private static final Pattern LINK =
            Pattern.compile("<([^>]*)>((?:\\s*;\\s*[^\\s=;,\"]+\\s*(?:=\\s*(?:\"[^\"]*\"|[^\\s\",;]*))?)*+)");
    private static final Pattern RELATION =
            Pattern.compile(";\\s*rel\\s*=\\s*(?:\"([^\"]*)\"|([^\\s\",;]*))", Pattern.CASE_INSENSITIVE);

    private Links() {}

    /** Where the page after this one is. */
    static Optional<String> next(List<String> headers) {
        for (String header : headers) {
            Matcher link = LINK.matcher(header);
            while (link.find()) {
                if (isNext(link.group(2))) {
                    return Optional.of(link.group(1).strip());
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isNext(String parameters) {
        Matcher relation = RELATION.matcher(parameters);
        if (!relation.find()) { // the first one counts
            return false;
        }
        String names = relation.group(1) == null ? relation.group(2) : relation.group(1);
        return List.of(names.toLowerCase(Locale.ROOT).split("\\s+", -1)).contains("next");
    }
}
