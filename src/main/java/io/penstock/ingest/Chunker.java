package io.penstock.ingest;

import io.penstock.embedding.Embedder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Cuts texts into chunks that fit the embedding model, at sentence bounds where that is possible. Equal input gives equal chunks.
 * May be used from any thread.
 *
 * <p>Each sentence is counted once, and a chunk once more with its context if it may be too long for the model, so the time grows with
 * the length of the text.
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
     * The chunks of a text, with a context made of label and title.
     *
     * @param label what people call the item; may be blank
     * @param title title of the text, if it has one
     */
    public ChunkedText chunk(String label, @Nullable String title, String text) {
        String context = context(label, title);
        int contextTokens = ownTokens(context);
        int room = embedder.maxTokens() - specialTokens - contextTokens;
        int budget = Math.min(settings.targetTokens(), room);
        List<Unit> units = units(text, budget);
        List<TextChunk> chunks = new ArrayList<>();
        int first = 0;
        while (first < units.size()) {
            int last = lastOfChunk(units, first, budget, room);
            Span whole = new Span(units.get(first).start(), units.get(last).end());
            int tokensOfParts = contextTokens;
            for (Unit unit : units.subList(first, last + 1)) {
                tokensOfParts += unit.tokens();
            }
            boolean fits = tokensOfParts * MOST_BY_PARTS <= embedder.maxTokens() - specialTokens;
            for (Span span : fits ? List.of(whole) : fitted(text, whole, context, room)) {
                chunks.add(new TextChunk(text.substring(span.start(), span.end()), span.start(), span.end()));
            }
            first = last + 1 == units.size() ? units.size() : firstOfNext(units, first, last, budget);
        }
        return new ChunkedText(context, List.copyOf(chunks));
    }

    /** What a chunk is made of: a sentence, or a piece of one that is too long. */
    private record Unit(int start, int end, int tokens) {}

    private List<Unit> units(String text, int budget) {
        List<Unit> units = new ArrayList<>();
        for (Span sentence : Sentences.of(text)) {
            boolean longerThanAnyChunk = sentence.length() > settings.maxCharacters();
            int tokens = longerThanAnyChunk ? Integer.MAX_VALUE : ownTokens(text, sentence);
            if (tokens <= budget) {
                units.add(new Unit(sentence.start(), sentence.end(), tokens));
                continue;
            }
            for (Span piece : cutter.cut(text, sentence, budget)) {
                units.add(new Unit(piece.start(), piece.end(), ownTokens(text, piece)));
            }
        }
        return units;
    }

    private int lastOfChunk(List<Unit> units, int first, int budget, int room) {
        int stretched = Math.min(room, budget + budget / 4);
        int last = first;
        int tokens = units.get(first).tokens();
        int lastWithinBudget = first;
        while (last + 1 < units.size() && isWithinCharacters(units, first, last + 1)) {
            tokens += units.get(last + 1).tokens();
            if (tokens > stretched) {
                return lastWithinBudget;
            }
            last++;
            lastWithinBudget = tokens <= budget ? last : lastWithinBudget;
        }
        return last + 1 == units.size() ? last : lastWithinBudget;
    }

    /** Where the next chunk begins: as many whole units back as the overlap allows, if it still comes further than this one. */
    private int firstOfNext(List<Unit> units, int first, int last, int budget) {
        int next = last + 1;
        int overlap = 0;
        int start = next;
        while (start - 1 > first) {
            overlap += units.get(start - 1).tokens();
            if (overlap > settings.overlapTokens()
                    || overlap + units.get(next).tokens() > budget
                    || !isWithinCharacters(units, start - 1, next)) {
                break;
            }
            start--;
        }
        return start;
    }

    private boolean isWithinCharacters(List<Unit> units, int first, int last) {
        return units.get(last).end() - units.get(first).start() <= settings.maxCharacters();
    }

    /** Tokens of parts do not always add up to those of the whole; what is too long after all is cut. */
    private List<Span> fitted(String text, Span whole, String context, int room) {
        if (ownTokens(context + text.substring(whole.start(), whole.end())) <= embedder.maxTokens() - specialTokens) {
            return List.of(whole);
        }
        return new Cutter(piece -> ownTokens(context + piece) - ownTokens(context), settings.maxCharacters())
                .cut(text, whole, room);
    }

    private String context(String label, @Nullable String title) {
        String lines = Stream.of(label, title == null ? "" : title)
                .map(line -> line.replaceAll("\\s+", " ").strip())
                .filter(line -> !line.isEmpty())
                .distinct()
                .collect(Collectors.joining("\n"));
        int most = Math.min(settings.contextTokens(), embedder.maxTokens() / CONTEXT_SHARE);
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
