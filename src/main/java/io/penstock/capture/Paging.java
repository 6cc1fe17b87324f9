package io.penstock.capture;

import com.jayway.jsonpath.JsonPath;
import io.penstock.error.ErrorCode;
import io.penstock.schema.PagesConfig;
import io.penstock.stage.CallException;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the next page is. For the pages of one entry.
 *
 * <p><b>Threading.</b> For the thread of the capture.
 */
final class Paging {
    private final PagesConfig pages;
    private final @Nullable JsonPath path;
    private final CaptureSettings settings;
    private final HttpRequests.Outgoing first;
    private @Nullable URI firstUri;
    private int number;

    /** @param first the request as it is configured */
    Paging(PagesConfig pages, CaptureSettings settings, HttpRequests.Outgoing first) throws CallException {
        this.pages = pages;
        this.path = JsonPaths.compileOrNull(pages.getPath());
        this.settings = settings;
        this.first = first;
    }

    HttpRequests.Outgoing first() throws CallException {
        return isByNumber() ? numbered(pages.getFirst()) : first;
    }

    /** Whether a page that is not found is the end of the pages, and no failure. */
    boolean mayBeMissing() {
        return isByNumber() && number > 0;
    }

    private boolean isByNumber() {
        return pages.getBy().equals("number");
    }

    /**
     * @param found how many records the page brought that were not known
     * @return empty after the last page that there is, or that is wanted
     * @throws CallException {@code capture.too-many-pages}, or {@code capture.refused} for a link that leads elsewhere
     */
    Optional<HttpRequests.Outgoing> after(HttpAnswer answer, ExtractedPage page, int found) throws CallException {
        number++;
        firstUri = firstUri == null ? answer.uri() : firstUri;
        Optional<HttpRequests.Outgoing> next = next(answer, page, found);
        Integer most = pages.getMost();
        if (next.isPresent() && most == null && number >= settings.task().maxPages()) {
            throw tooMany("There are more than " + settings.task().maxPages()
                    + " pages. Say how many are wanted in pages.most, or split the entry.");
        }
        return next.filter(_ -> most == null || number < most);
    }

    private Optional<HttpRequests.Outgoing> next(HttpAnswer answer, ExtractedPage page, int found)
            throws CallException {
        switch (pages.getBy()) {
            case "number" -> {
                // A server that does not know the parameter sends the first page again and again.
                return found == 0 ? Optional.empty() : Optional.of(numbered(pages.getFirst() + number));
            }
            case "cursor" -> {
                Optional<String> cursor = inDocument(page).filter(text -> !text.equals("false"));
                return cursor.isEmpty()
                        ? Optional.empty()
                        : Optional.of(first.to(Uris.withParameter(first.uri(), parameter(), cursor.get())));
            }
            case "link" -> {
                Optional<String> link = path == null ? Links.next(answer.links()) : inDocument(page);
                return link.isEmpty() ? Optional.empty() : Optional.of(followed(answer.uri(), link.get()));
            }
            default -> throw Failures.refused("There are no pages by '" + pages.getBy() + "'.");
        }
    }

    private Optional<String> inDocument(ExtractedPage page) {
        return page.document() == null ? Optional.empty() : JsonPaths.text(path, page.document());
    }

    private HttpRequests.Outgoing numbered(int page) throws CallException {
        return first.to(Uris.withParameter(first.uri(), parameter(), Integer.toString(page)));
    }

    private String parameter() throws CallException {
        String parameter = pages.getParameter();
        if (parameter == null) {
            throw Failures.refused("Pages by " + pages.getBy() + " need a parameter.");
        }
        return parameter;
    }

    /** A link leads where the server wants, so it may only lead to the server itself, or to hosts that are allowed by name. */
    private HttpRequests.Outgoing followed(URI from, String link) throws CallException {
        URI target;
        try {
            target = Uris.parse(Uris.resolved(from, link).toString());
        } catch (IllegalArgumentException e) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_UNREADABLE.code(),
                    "The link of " + Uris.shown(from) + " to the next page is no address.");
        }
        boolean same = Uris.sameOrigin(target, first.uri()) || (firstUri != null && Uris.sameOrigin(target, firstUri));
        if (!same && !settings.allows(target)) {
            throw Failures.refused("The next page of " + Uris.shown(from) + " is on another server, " + target.getHost()
                    + ". If it is meant, name it in PENSTOCK_CAPTURE_HOSTS.");
        }
        Redirects.refuseDowngrade(from, target, "leads");
        return Redirects.followed(first, target, 303);
    }

    static CallException tooMany(String message) {
        return CallException.permanent(ErrorCode.CAPTURE_TOO_MANY_PAGES.code(), message);
    }
}
