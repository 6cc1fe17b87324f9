package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.schema.PagesConfig;
import io.penstock.schema.SourceConfig;
import io.penstock.stage.CallException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the pages of one entry one after the other, each of them conditionally if it is known, and takes the items out of
 * them. For one use.
 *
 * <p><b>Threading.</b> For the thread of the capture.
 */
final class PagedFetch {
    private final HttpSource http;
    private final Conversation conversation;
    private final CaptureSettings settings;
    private final CaptureRequest request;
    private final SecretsInUse secrets;
    private final ItemCollector items;
    private final ResponseCopies copies;
    private final Set<String> visited = new HashSet<>();
    private final EntryTime time;

    PagedFetch(HttpSource http, CaptureSettings settings, CaptureRequest request, SecretsInUse secrets) {
        this.http = http;
        this.time = new EntryTime(settings.task().timeout());
        this.conversation = http.begin(request, time);
        this.settings = settings;
        this.request = request;
        this.secrets = secrets;
        this.items = new ItemCollector(settings);
        this.copies = new ResponseCopies(request.responses(), secrets);
    }

    Fetched run() throws CallException, InterruptedException {
        Extractor extractor = extractor(request);
        HttpRequests.Outgoing first = HttpRequests.of(request, secrets);
        PagesConfig pages = request.source().getPages();
        Paging paging = pages == null ? null : new Paging(pages, settings, first);
        Optional<HttpRequests.Outgoing> next = Optional.of(paging == null ? first : paging.first());
        while (next.isPresent()) {
            Optional<HttpAnswer> answer = answer(next.get(), paging);
            if (answer.isEmpty()) {
                break;
            }
            ExtractedPage page = extractor.extract(content(answer.get()));
            int found = items.add(page.items());
            next = paging == null ? Optional.empty() : paging.after(answer.get(), page, found);
        }
        return new Fetched(items.items().stream().map(secrets::masked).toList(), copies.kept());
    }

    private static Extractor extractor(CaptureRequest request) throws CallException {
        SourceConfig source = request.source();
        if (source.getType().equals("feed")) {
            return new FeedExtractor();
        }
        return source.getRecords() == null
                ? Extractor::whole
                : new RecordExtractor(source.getRecords(), request.entry());
    }

    /** @return empty when there is no such page, and that is the end of them */
    private Optional<HttpAnswer> answer(HttpRequests.Outgoing outgoing, @Nullable Paging paging)
            throws CallException, InterruptedException {
        String identity = outgoing.identity(secrets);
        if (!visited.add(identity)) {
            throw Paging.tooMany("The pages lead in a circle: " + Uris.shown(outgoing.uri()) + " was read before.");
        }
        try {
            return Optional.of(answer(outgoing, identity));
        } catch (CallException e) {
            if (paging != null && paging.mayBeMissing() && e.code().equals(ErrorCode.CAPTURE_NOT_FOUND.code())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private HttpAnswer answer(HttpRequests.Outgoing outgoing, String identity)
            throws CallException, InterruptedException {
        Optional<Validators> validators = copies.validators(identity);
        HttpAnswer answer = http.exchange(conversation, outgoing, validators.orElse(null), until());
        if (answer.notModified()) {
            Optional<HttpAnswer> again = copies.again(identity);
            if (again.isPresent()) {
                return again.get();
            }
            answer = http.exchange(conversation, outgoing, null, until());
        }
        copies.keep(identity, answer);
        return answer;
    }

    private long until() {
        return Math.min(
                time.deadlineNanos(),
                System.nanoTime() + settings.requestTimeout().toNanos());
    }

    private CapturedContent content(HttpAnswer answer) {
        String given = request.source().getContentType();
        String type = given != null
                ? given
                : answer.contentType() != null
                        ? answer.contentType()
                        : ContentTypes.of(answer.uri().getPath(), answer.content());
        Map<String, String> attributes = new TreeMap<>();
        attributes.put("http_status", Integer.toString(answer.status()));
        if (answer.etag() != null) {
            attributes.put("etag", answer.etag());
        }
        if (answer.lastModified() != null) {
            attributes.put("last_modified", answer.lastModified());
        }
        return new CapturedContent(
                answer.content(),
                ContentCharset.settled(type, answer.content()),
                secrets.hidden(Uris.cited(answer.uri())),
                attributes);
    }
}
