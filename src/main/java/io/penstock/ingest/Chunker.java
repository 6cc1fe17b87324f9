package io.penstock.ingest;

import io.penstock.embedding.Embedder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Cuts texts into chunks that fit the embedding model, at sentence bounds where that is possible. Equal input gives equal chunks,
 * and an edit leaves most chunks as they are that do not hold it, see {@link Division}; when the former chunks are known, all
 * before and behind the edits, see {@link Recutting}. May be used from any thread.
 *
 * <p>Each sentence is counted once, and a chunk once more with its context if it may be too long for the model, so the time grows
 * with the length of the text.
 */
public final class Chunker {
    /** Of the model's limit, the context may take no more than one part in so many. */
    private static final int CONTEXT_SHARE = 4;

    /** How many times the tokens of its parts a text has at the very most: some merge or split where parts meet. */
    private static final int MOST_BY_PARTS = 2;

    private final Embedder embedder;
    private final ChunkingSettings settings;
    private final Cutter cutter;
    private final int specialTokens;

    public Chunker(Embedder embedder, ChunkingSettings settings) {
        this.embedder = embedder;
        this.settings = settings;
        this.specialTokens = embedder.countTokens("");
        this.cutter = new Cutter(this::ownTokens, settings.maxCharacters());
    }

    /**
     * The chunks of a text, with a context made of label and title, and each with the headings that it stands under.
     *
     * @param label what people call the item; may be blank
     * @param title title of the text, if it has one
     */
    public ChunkedText chunk(String label, @Nullable String title, String text) {
        return chunk(label, title, text, List.of());
    }

    /**
     * The chunks of a text of which an earlier version was cut: what is the same at its beginning and its end stays cut as it
     * was, and only what lies between is cut anew.
     *
     * @param former chunks of the earlier version, in their order
     */
    ChunkedText chunk(String label, @Nullable String title, String text, List<FormerChunk> former) {
        List<Sentence> sentences = Sentences.of(text);
        int most = Math.min(settings.contextTokens(), embedder.maxTokens() / CONTEXT_SHARE);
        String context = context(label, title, most);
        int contextTokens = ownTokens(context);
        Headings headings =
                new Headings(text, List.of(label, title == null ? "" : title), most - contextTokens, this::ownTokens);
        int limit = embedder.maxTokens() - specialTokens;
        int room = limit - (headings.mayOccur(sentences) ? Math.max(most, contextTokens) : contextTokens);
        int budget = Math.min(settings.targetTokens(), room);
        List<Unit> units = units(text, sentences, budget);
        List<String> over = headings.overEach(units);
        Division division = new Division(text, units, Math.min(room, budget + budget / 4), settings);
        Map<String, Integer> tokensBefore = new HashMap<>(Map.of(context, contextTokens));
        List<TextChunk> chunks = new ArrayList<>();
        for (Division.Range range : new Recutting(text, context, units, division, over, former).ranges()) {
            String heading = over.get(range.ownFirst());
            String before = heading.isEmpty() ? context : context + heading + "\n";
            int parts = tokensBefore.computeIfAbsent(before, this::ownTokens) + range.tokens();
            Span whole = new Span(
                    start(units, range, chunks), units.get(range.last()).end());
            for (Span span : parts * MOST_BY_PARTS <= limit ? List.of(whole) : fitted(text, whole, before, limit)) {
                chunks.add(new TextChunk(heading, text.substring(span.start(), span.end()), span.start(), span.end()));
            }
        }
        return new ChunkedText(context, List.copyOf(chunks));
    }

    /** Nothing is repeated of what was cut after all: a chunk begins behind the beginning of the one before. */
    private static int start(List<Unit> units, Division.Range range, List<TextChunk> before) {
        int start = units.get(range.first()).start();
        return before.isEmpty() || before.getLast().start() < start
                ? start
                : units.get(range.ownFirst()).start();
    }

    private List<Unit> units(String text, List<Sentence> sentences, int budget) {
        List<Unit> units = new ArrayList<>();
        for (Sentence sentence : sentences) {
            Span span = sentence.span();
            boolean longerThanAnyChunk = span.length() > settings.maxCharacters();
            int tokens = longerThanAnyChunk ? Integer.MAX_VALUE : ownTokens(text, span);
            if (tokens <= budget) {
                units.add(new Unit(span.start(), span.end(), tokens, sentence.opening()));
                continue;
            }
            Opening opening = sentence.opening();
            for (Span piece : cutter.cut(text, span, budget)) {
                units.add(new Unit(piece.start(), piece.end(), ownTokens(text, piece), opening));
                opening = Opening.PIECE;
            }
        }
        return units;
    }

    /** Tokens of parts do not always add up to those of the whole; what is too long after all is cut. */
    private List<Span> fitted(String text, Span whole, String context, int limit) {
        if (ownTokens(context + text.substring(whole.start(), whole.end())) <= limit) {
            return List.of(whole);
        }
        int contextTokens = ownTokens(context);
        return new Cutter(piece -> ownTokens(context + piece) - contextTokens, settings.maxCharacters())
                .cut(text, whole, limit - contextTokens);
    }

    private String context(String label, @Nullable String title, int most) {
        String lines = Stream.of(label, title == null ? "" : title)
                .map(line -> line.replaceAll("\\s+", " ").strip())
                .filter(line -> !line.isEmpty())
                .distinct()
                .collect(Collectors.joining("\n"));
        if (lines.isEmpty() || most == 0) {
            return "";
        }
        if (lines.length() <= settings.maxCharacters() && ownTokens(lines) <= most) {
            return lines + "\n";
        }
        Span kept = cutter.cut(lines, new Span(0, lines.length()), most).getFirst();
        return lines.substring(kept.start(), kept.end()) + "\n";
    }

    private int ownTokens(String text, Span span) {
        return ownTokens(text.substring(span.start(), span.end()));
    }

    private int ownTokens(String text) {
        return embedder.countTokens(text) - specialTokens;
    }
}
