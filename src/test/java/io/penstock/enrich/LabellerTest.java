package io.penstock.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedding.Embedder;
import io.penstock.embedding.TestEmbedder;
import io.penstock.schema.LabelDefinition;
import io.penstock.schema.LabelScore;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabellerTest {
    private static final List<LabelDefinition> LABELS = List.of(
            label("weather", "storms, rain and flooding"),
            label("sport", "matches, players and scores"),
            label("health", "illness, doctors and medicine"));

    private final Embedder embedder = TestEmbedder.shared();
    private final Labeller labeller = new Labeller(embedder, EnrichmentSettings.DEFAULT.labelThreshold());

    @Test
    void shouldGiveTheLabelsThatFit() throws Exception {
        assertThat(names("Heavy rain raised the river by two metres; the storm is expected to last until Friday."))
                .containsExactly("weather");
        assertThat(names("The home side scored twice in the last minutes and won the match three to two."))
                .containsExactly("sport");
        assertThat(names("The recipe wants flour, butter and three eggs, and an hour in the oven."))
                .isEmpty();
    }

    @Test
    void shouldPutTheBestFirst() throws Exception {
        List<LabelScore> labels =
                new Labeller(embedder, -1).label("The doctor treated two players for illness after the match.", LABELS);

        assertThat(labels).hasSize(3).isSortedAccordingTo((a, b) -> Double.compare(b.getScore(), a.getScore()));
        assertThat(labels.getLast().getName()).isEqualTo("weather");
    }

    @Test
    void shouldReadOnlyTheBeginningOfALongText() throws Exception {
        String text = "The storm brought rain and flooding to the coast. ".repeat(20_000);

        assertThat(names(text)).containsExactly("weather");
    }

    private List<String> names(String text) throws InterruptedException {
        return labeller.label(text, LABELS).stream().map(LabelScore::getName).toList();
    }

    private static LabelDefinition label(String name, String description) {
        return LabelDefinition.newBuilder()
                .setName(name)
                .setDescription(description)
                .build();
    }
}
