package io.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.PenstockException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChunkerTest {
    private static final String LABEL = "FOMC statement of December 16, 2008";

    private final CountingEmbedder embedder = new CountingEmbedder();
    private final Chunker chunker = new Chunker(embedder, ChunkingSettings.defaults());

    @Test
    void shouldCutRealTextsIntoExactPassagesThatFit() throws Exception {
        for (var statement : FomcStatements.all().entrySet()) {
            ChunkedText chunked = chunker.chunk(LABEL, null, statement.getValue());

            assertThat(chunked.chunks()).as(statement.getKey()).isNotEmpty();
            assertExact(statement.getValue(), chunked, embedder.maxTokens());
            for (TextChunk chunk : chunked.chunks()) {
                assertThat(embedder.countTokens(chunk.text())).isLessThanOrEqualTo(252);
            }
        }
    }

    @Test
    void shouldEndChunksOfRealTextsAtSentences() throws Exception {
        String text = FomcStatements.of("20081216");

        List<TextChunk> chunks = chunker.chunk(LABEL, null, text).chunks();

        assertThat(chunks.getFirst().text())
                .startsWith("The Federal Open Market Committee")
                .endsWith(".");
        assertThat(chunks.getFirst().text()).contains("0 to 1/4 percent");
        assertThat(chunks).hasSizeGreaterThan(1);
    }

    @Test
    void shouldKeepItsPromisesOnNastyTexts() {
        String[] parts = {
            "Rates fell. ",
            "\n",
            "\r\n",
            "\n\n",
            "\u00A0",
            "\u2028",
            "\u3000",
            "\uD83D\uDE00",
            "\uD83D",
            "\uDE00",
            "👩‍👩‍👧‍👦",
            "e\u0301\u0302",
            "委员会决定降息。",
            "ที่ประชุมมีมติลดดอกเบี้ย",
            "قرر البنك المركزي",
            "x".repeat(150),
            "\u0000",
            "\uFEFF",
            "\u200B",
            "Mr. J. Smith of the U.S. said: \"No!\" ",
            "- item\n",
            "# Heading\n",
            "### Another heading that is rather long\n",
            "Underlined\n------\n",
            "```\n",
            "1. first\n",
            "| a | b |\n",
            "...",
            "?!",
            "\uD83C\uDDE9\uD83C\uDDEA",
            "﷽",
            "0.25 "
        };
        CountingEmbedder small = new CountingEmbedder("small", 48);
        Chunker tight = new Chunker(small, new ChunkingSettings(30, 8, 10, 400));
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(120);
            for (int i = 0; i < length; i++) {
                text.append(parts[random.nextInt(parts.length)].repeat(random.nextInt(8) == 0 ? 20 : 1));
            }
            ChunkedText chunked = tight.chunk("label", "A title", text.toString());
            assertExact(text.toString(), chunked, small.maxTokens());
            for (TextChunk chunk : chunked.chunks()) {
                assertThat(chunk.text().length()).isLessThanOrEqualTo(400);
            }
            assertThat(tight.chunk("label", "A title", text.toString())).isEqualTo(chunked);
        }
    }

    @Test
    void shouldHaveNoChunksForBlankTexts() {
        assertThat(chunker.chunk(LABEL, null, "").chunks()).isEmpty();
        assertThat(chunker.chunk(LABEL, null, " \n\t\u00A0\r\n").chunks()).isEmpty();
    }

    @Test
    void shouldKeepAShortTextWhole() {
        assertThat(chunker.chunk("", null, "  Rates fell. Stocks rose.\n").chunks())
                .containsExactly(new TextChunk("", "Rates fell. Stocks rose.", 2, 26));
    }

    @Test
    void shouldRepeatWholeSentencesOnly() {
        Chunker overlapping = new Chunker(embedder, new ChunkingSettings(24, 8, 0, 1_000));
        String text =
                "One two three four five six. Alpha beta gamma delta. Red green blue white black. North south east west."
                        + " Spring summer autumn winter. Gold silver copper iron. Paris London Rome Berlin.";

        List<TextChunk> chunks = overlapping.chunk("", null, text).chunks();

        assertThat(chunks.getFirst().text())
                .isEqualTo("One two three four five six. Alpha beta gamma delta. Red green blue white black.");
        assertThat(chunks.get(1).text()).startsWith("Red green blue white black. North south east west.");
        assertExact(text, new ChunkedText("", chunks), embedder.maxTokens());
    }

    @Test
    void shouldNotLeaveATinyRest() {
        Chunker twenty = new Chunker(embedder, new ChunkingSettings(20, 0, 0, 1_000));
        String text =
                "one two three four five six seven eight nine. one two three four five six seven eight nine. The end.";

        assertThat(twenty.chunk("", null, text).chunks()).hasSize(1);
    }

    @Test
    void shouldPutLabelAndTitleBeforeEachChunk() {
        ChunkedText chunked = chunker.chunk("Apple Inc", "Results of\n the third quarter", "Sales rose.");

        assertThat(chunked.context()).isEqualTo("Apple Inc\nResults of the third quarter\n");
        assertThat(chunked.embedded(chunked.chunks().getFirst()))
                .isEqualTo("Apple Inc\nResults of the third quarter\nSales rose.");
        assertThat(chunker.chunk("Apple", "Apple", "Sales rose.").context()).isEqualTo("Apple\n");
        assertThat(chunker.chunk(" ", null, "Sales rose.").context()).isEmpty();
    }

    @Test
    void shouldPutHeadingsBeforeTheChunksUnderThem() {
        Chunker small = new Chunker(embedder, new ChunkingSettings(16, 6, 40, 1_000));
        String text = """
                # Report

                The report begins here with a sentence.

                ## Rates

                The Committee lowered the rates. It did so twice. It will meet again in March.

                ### Outlook

                Growth is slow. Prices are stable and expected to remain so.

                ## Voting

                All members voted for it.
                """;

        ChunkedText chunked = small.chunk("The Report", "Report", text);

        assertExact(text, chunked, embedder.maxTokens());
        assertThat(chunked.chunks())
                .filteredOn(chunk -> chunk.text().contains("meet again"))
                .allMatch(
                        chunk -> chunk.heading().equals("Rates") || chunk.text().startsWith("## Rates"))
                .isNotEmpty();
        assertThat(chunked.chunks())
                .filteredOn(chunk -> chunk.text().contains("Growth is slow"))
                .allMatch(chunk -> chunk.heading().equals("Rates > Outlook")
                        || (chunk.heading().equals("Rates") && chunk.text().startsWith("### Outlook")))
                .isNotEmpty();
        assertThat(chunked.chunks().getLast())
                .satisfies(last -> assertThat(last.text()).isEqualTo("## Voting\n\nAll members voted for it."))
                .satisfies(last -> assertThat(last.heading()).isEmpty());
        TextChunk outlook = chunked.chunks().stream()
                .filter(chunk -> chunk.text().contains("expected to remain"))
                .findFirst()
                .orElseThrow();
        assertThat(chunked.embedded(outlook))
                .isEqualTo("The Report\nReport\n" + outlook.heading() + "\n" + outlook.text());
    }

    @Test
    void shouldLeaveOutTheHighestHeadingsWhenTheyAreTooLong() {
        Chunker small = new Chunker(embedder, new ChunkingSettings(10, 0, 8, 1_000));
        String text = "# " + "A very long heading ".repeat(4) + "\n\n## Near\n\nThe first sentence is this one here."
                + " The second sentence is this one here. The third sentence is this one here.";

        ChunkedText chunked = small.chunk("Label", null, text);

        assertThat(chunked.chunks().getLast().heading()).isEqualTo("Near");
        assertExact(text, chunked, embedder.maxTokens());
    }

    @Test
    void shouldLeaveChunksAloneThatAreFarFromAnEdit() throws Exception {
        StringBuilder longText = new StringBuilder();
        FomcStatements.all().values().stream()
                .skip(100)
                .limit(12)
                .forEach(text -> longText.append(text).append("\n\n"));
        String text = longText.toString();
        Set<String> before = embedded(chunker.chunk(LABEL, null, text));
        List<Sentence> sentences = Sentences.of(text);
        List<Integer> changed = new ArrayList<>();
        for (int i = 0; i < sentences.size(); i += 7) {
            Span old = sentences.get(i).span();
            String edited = text.substring(0, old.start()) + "Sentence " + i + " stands in the place of another one."
                    + text.substring(old.end());
            Set<String> after = embedded(chunker.chunk(LABEL, null, edited));
            after.removeAll(before);
            assertThat(after).as("chunks changed by edit %d", i).isNotEmpty();
            changed.add(after.size());
        }
        assertThat(before).hasSizeGreaterThan(15);
        assertThat(changed).filteredOn(count -> count <= 2).hasSizeGreaterThan(changed.size() * 3 / 4);
        assertThat(changed.stream().mapToInt(Integer::intValue).average().orElse(0))
                .isLessThan(2.2);
    }

    @Test
    void shouldCutAnewOnlyAroundAnEditWhenTheFormerChunksAreKnown() throws Exception {
        for (String text : List.of(FomcStatements.of("20081216"), FomcStatements.of("20040504"), markdown())) {
            ChunkedText before = chunker.chunk(LABEL, null, text);
            List<FormerChunk> former = former(before);
            Set<String> known = embedded(before);
            assertThat(chunker.chunk(LABEL, null, text, former)).isEqualTo(before);
            for (Sentence sentence : Sentences.of(text)) {
                Span old = sentence.span();
                if (sentence.opening().isHeading() || old.length() < 40) {
                    continue;
                }
                String edit = "Another sentence stands here now.";
                String edited = text.substring(0, old.start()) + edit + text.substring(old.end());

                ChunkedText after = chunker.chunk(LABEL, null, edited, former);

                assertExact(edited, after, embedder.maxTokens());
                assertThat(after.chunks())
                        .filteredOn(chunk -> !known.contains(after.embedded(chunk)))
                        .as("edit at %d of %s", old.start(), text.substring(0, 30))
                        .isNotEmpty()
                        .hasSizeLessThanOrEqualTo(3)
                        .anyMatch(chunk -> chunk.text().contains(edit));
                for (TextChunk chunk : after.chunks()) {
                    assertThat(embedder.countTokens(chunk.text())).isLessThanOrEqualTo(252);
                }
                assertThat(chunker.chunk(LABEL, null, edited, former(after))).isEqualTo(after);
            }
        }
    }

    @Test
    void shouldKeepItsPromisesWhenATextIsEditedAgainAndAgain() throws Exception {
        CountingEmbedder small = new CountingEmbedder("small", 64);
        Chunker tight = new Chunker(small, new ChunkingSettings(30, 8, 10, 400));
        String text = markdown() + FomcStatements.of("20081216");
        List<FormerChunk> former = List.of();
        Random random = new Random(7);
        for (int i = 0; i < 60; i++) {
            int from = random.nextInt(text.length());
            int to = Math.min(text.length(), from + random.nextInt(120));
            String put = random.nextBoolean() ? "" : "## New part\n\nWords go in here. ".repeat(random.nextInt(3));
            text = text.substring(0, from) + put + text.substring(to);
            ChunkedText chunked = tight.chunk("label", null, text, former);
            assertExact(text, chunked, small.maxTokens());
            former = former(chunked);
        }
    }

    @Test
    void shouldLoseNoTextThatTakesTheExactPlaceOfWhiteSpaceBetweenFormerChunks() {
        Chunker tight = new Chunker(embedder, new ChunkingSettings(16, 4, 10, 400));
        String section =
                "\n\n\n\n\n## Heading\n\nThe Committee lowered the rates once more. It will meet again in March.";
        String text = section.repeat(4);
        ChunkedText before = tight.chunk("label", null, text);
        for (int gap = text.indexOf("\n\n\n\n\n"); gap >= 0; gap = text.indexOf("\n\n\n\n\n", gap + 1)) {
            String edited = text.substring(0, gap) + "\nOk.\n" + text.substring(gap + 5);

            ChunkedText after = tight.chunk("label", null, edited, former(before));

            assertExact(edited, after, embedder.maxTokens());
            assertThat(after.chunks())
                    .as("edit at %d", gap)
                    .anyMatch(chunk -> chunk.text().contains("Ok."));
        }
    }

    @Test
    void shouldLoseNoTextWhateverTakesThePlaceOfWhat() {
        CountingEmbedder small = new CountingEmbedder("small", 64);
        Chunker tight = new Chunker(small, new ChunkingSettings(16, 4, 10, 400));
        String[] parts = {
            "\n\n\n\n\n\n", "   ", "\nOk.\n", "## Part\n\n", "- item\n", "Rates fell by half. ", "It went on. "
        };
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            StringBuilder first = new StringBuilder();
            for (int i = 0; i < 60; i++) {
                first.append(parts[random.nextInt(parts.length)]);
            }
            String text = first.toString();
            List<FormerChunk> former = List.of();
            for (int i = 0; i < 25; i++) {
                ChunkedText chunked = tight.chunk("label", null, text, former);
                assertExact(text, chunked, small.maxTokens());
                assertExact(text, tight.chunk("label", null, text), small.maxTokens());
                former = former(chunked);
                text = edited(text, random, parts);
            }
        }
    }

    /** Half of the edits put text of the same length where white space was, or the other way round. */
    private static String edited(String text, Random random, String[] parts) {
        int from = random.nextInt(text.length());
        if (random.nextBoolean()) {
            int to = Math.min(text.length(), from + random.nextInt(20));
            return text.substring(0, from) + parts[random.nextInt(parts.length)] + text.substring(to);
        }
        int gap = text.indexOf("\n\n\n\n\n", from);
        if (gap >= 0) {
            return text.substring(0, gap) + "\nOk.\n" + text.substring(gap + 5);
        }
        return text.replaceFirst("\nOk\\.\n", "\n\n\n\n\n");
    }

    @Test
    void shouldStillOverlapBehindAnEditedChunk() {
        Chunker overlapping = new Chunker(embedder, new ChunkingSettings(24, 8, 0, 1_000));
        String text =
                "One two three four five six. Alpha beta gamma delta. Red green blue white black. North south east west."
                        + " Spring summer autumn winter. Gold silver copper iron. Paris London Rome Berlin.";
        List<FormerChunk> former = former(overlapping.chunk("", null, text));

        List<TextChunk> chunks = overlapping
                .chunk("", null, text.replace("Alpha beta gamma", "Delta beta alpha"), former)
                .chunks();

        assertThat(chunks.getFirst().text())
                .isEqualTo("One two three four five six. Delta beta alpha delta. Red green blue white black.");
        assertThat(chunks.get(1).text()).startsWith("Red green blue white black. North south east west.");
    }

    private static String markdown() {
        return "# Title\n\n"
                + "The first part says this and that. It goes on for a while with further words. ".repeat(9)
                + "\n\n## Second\n\n"
                + "The second part says something else entirely. It also goes on for some time. ".repeat(14);
    }

    private static List<FormerChunk> former(ChunkedText chunked) {
        return chunked.chunks().stream()
                .map(chunk -> new FormerChunk(chunk.start(), chunk.end(), Hashes.of(chunked.embedded(chunk))))
                .toList();
    }

    private static Set<String> embedded(ChunkedText chunked) {
        Set<String> texts = new HashSet<>();
        chunked.chunks().forEach(chunk -> texts.add(chunked.embedded(chunk)));
        return texts;
    }

    @Test
    void shouldReadLengthAndOverlapFromTheEnvironment() {
        Map<String, String> environment = Map.of("PENSTOCK_CHUNK_TOKENS", "50", "PENSTOCK_CHUNK_OVERLAP", "0");

        assertThat(ChunkingSettings.from(environment::get)).isEqualTo(new ChunkingSettings(50, 0, 64, 4_000));
        assertThat(ChunkingSettings.from(name -> null)).isEqualTo(ChunkingSettings.defaults());
        assertThat(ChunkingSettings.from(Map.of("PENSTOCK_CHUNK_TOKENS", "30")::get))
                .isEqualTo(new ChunkingSettings(30, 6, 64, 4_000));
        assertThatThrownBy(() -> ChunkingSettings.from(Map.of("PENSTOCK_CHUNK_OVERLAP", "200")::get))
                .hasMessageContaining("PENSTOCK_CHUNK_OVERLAP is a whole number from 0 to 199, not '200'");
        assertThatThrownBy(() -> ChunkingSettings.from(Map.of("PENSTOCK_CHUNK_TOKENS", "few")::get))
                .hasMessageContaining("PENSTOCK_CHUNK_TOKENS");
    }

    @Test
    void shouldCutAContextThatIsTooLong() {
        ChunkedText chunked = chunker.chunk(LABEL, "very long title ".repeat(5_000), "Sales rose.");

        assertThat(chunked.context()).startsWith(LABEL + "\nvery long");
        assertThat(embedder.countTokens(chunked.context())).isLessThanOrEqualTo(66);
        assertThat(chunked.chunks()).hasSize(1);
    }

    @Test
    void shouldCutAnOverlongSentenceBetweenWords() {
        String text = "growth and inflation and employment and ".repeat(200).strip();

        List<TextChunk> chunks = chunker.chunk("", null, text).chunks();

        assertThat(chunks).hasSizeGreaterThan(3);
        for (TextChunk chunk : chunks) {
            assertThat(chunk.text().split(" ")).isSubsetOf("growth", "and", "inflation", "employment");
        }
        assertExact(text, new ChunkedText("", chunks), embedder.maxTokens());
    }

    @Test
    void shouldTakeTimeInProportionToTheText() {
        int size = 60_000;
        for (String unit : List.of("The Committee met again. ", "growth and ", "x", "委", "\uD83D\uDE00", "a\n\n")) {
            String text = unit.repeat(size / unit.length());
            CountingEmbedder counting = new CountingEmbedder();
            ChunkedText chunked = new Chunker(counting, ChunkingSettings.defaults()).chunk(LABEL, null, text);

            assertThat(chunked.chunks()).as(unit).hasSizeGreaterThan(10);
            assertThat(counting.charactersCounted()).as(unit).isLessThan(6L * size);
        }
    }

    @Test
    void shouldRefuseContradictorySettings() {
        assertThatThrownBy(() -> new ChunkingSettings(100, 100, 0, 1_000)).isInstanceOf(PenstockException.class);
        assertThatThrownBy(() -> new ChunkingSettings(2, 0, 0, 1_000)).isInstanceOf(PenstockException.class);
    }

    private void assertExact(String text, ChunkedText chunked, int maxTokens) {
        int covered = 0;
        int lastStart = -1;
        for (TextChunk chunk : chunked.chunks()) {
            assertThat(chunk.text()).isEqualTo(text.substring(chunk.start(), chunk.end()));
            assertThat(chunk.text()).isEqualTo(chunk.text().strip()).isNotEmpty();
            assertThat(chunk.start()).isGreaterThan(lastStart);
            assertThat(splitsPair(text, chunk.start())).isFalse();
            assertThat(splitsPair(text, chunk.end())).isFalse();
            assertThat(embedder.countTokens(chunked.embedded(chunk))).isLessThanOrEqualTo(maxTokens);
            if (chunk.start() > covered) {
                assertThat(text.substring(covered, chunk.start())).matches(ChunkerTest::isAllSpace);
            }
            covered = Math.max(covered, chunk.end());
            lastStart = chunk.start();
        }
        assertThat(text.substring(covered)).matches(ChunkerTest::isAllSpace);
    }

    private static boolean isAllSpace(String text) {
        return text.chars().allMatch(unit -> Span.isSpace((char) unit));
    }

    private static boolean splitsPair(String text, int at) {
        return at > 0
                && at < text.length()
                && Character.isHighSurrogate(text.charAt(at - 1))
                && Character.isLowSurrogate(text.charAt(at));
    }
}
