package io.penstock.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What language models are told: the prompts that come with Penstock, but for those that the operator has a file of. */
public final class Prompts {
    private static final String SUFFIX = ".txt";
    private static final int MAX_BYTES = 64 * 1024;

    private final Map<PromptName, Prompt> prompts;
    private final Set<PromptName> replaced;

    private Prompts(Map<PromptName, Prompt> prompts, Set<PromptName> replaced) {
        this.prompts = prompts;
        this.replaced = replaced;
    }

    /** Those that come with Penstock. */
    public static Prompts shipped() {
        Map<PromptName, Prompt> prompts = new EnumMap<>(PromptName.class);
        for (PromptName name : PromptName.values()) {
            prompts.put(name, checked(name, shipped(name)));
        }
        return new Prompts(prompts, Set.of());
    }

    /**
     * The same, but for those that a folder has a file of, such as {@code answer-system.txt}.
     *
     * @param folder need not exist
     * @throws PenstockException {@code config.invalid}, naming the file
     */
    public static Prompts of(Path folder) {
        Prompts shipped = shipped();
        Map<PromptName, Prompt> prompts = new EnumMap<>(shipped.prompts);
        Set<PromptName> replaced = new TreeSet<>();
        for (Path file : files(folder)) {
            PromptName name = name(file);
            prompts.put(name, checked(name, read(file)));
            replaced.add(name);
        }
        return new Prompts(prompts, replaced);
    }

    /** What a question is answered by. */
    AnswerPrompt answer(Reasoning reasoning) {
        return switch (reasoning) {
            case DIRECT -> new AnswerPrompt(get(PromptName.ANSWER_SYSTEM), get(PromptName.ANSWER_USER));
            case STEP_BY_STEP ->
                new AnswerPrompt(get(PromptName.STEP_BY_STEP_SYSTEM), get(PromptName.STEP_BY_STEP_USER));
        };
    }

    /** What analyses are written by. */
    AnalysisPrompt analysis() {
        String print = Stream.of(PromptName.ANALYSIS_SYSTEM, PromptName.ANALYSIS_USER)
                .filter(replaced::contains)
                .map(name -> Integer.toHexString(get(name).text().hashCode()))
                .collect(Collectors.joining("-"));
        return new AnalysisPrompt(get(PromptName.ANALYSIS_SYSTEM), get(PromptName.ANALYSIS_USER), print);
    }

    private Prompt get(PromptName name) {
        return Objects.requireNonNull(prompts.get(name));
    }

    private static List<Path> files(Path folder) {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw invalid("The folder of prompts " + folder + " cannot be read: " + e, e);
        }
    }

    private static PromptName name(Path file) {
        String text = file.getName(file.getNameCount() - 1).toString();
        return PromptName.named(text.substring(0, text.length() - SUFFIX.length()))
                .orElseThrow(() ->
                        invalid(file + " is the file of no prompt; the prompts are " + PromptName.list() + ".", null));
    }

    private static Prompt shipped(PromptName name) {
        String path = "/prompts/" + name.text() + SUFFIX;
        try (InputStream in = Prompts.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("The prompt " + path + " is missing from the class path.");
            }
            return new Prompt(path, new String(in.readAllBytes(), UTF_8).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Prompt read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw invalid("The prompt " + file + " has more than " + MAX_BYTES + " bytes.", null);
            }
            return new Prompt(file.toString(), Files.readString(file, UTF_8).strip());
        } catch (CharacterCodingException e) {
            throw invalid("The prompt " + file + " is not text in UTF-8.", e);
        } catch (IOException e) {
            throw invalid("The prompt " + file + " cannot be read: " + e, e);
        }
    }

    private static Prompt checked(PromptName name, Prompt prompt) {
        if (prompt.text().isEmpty()) {
            throw invalid("The prompt " + prompt.source() + " is empty; remove the file to use the usual one.", null);
        }
        Set<String> unknown = new TreeSet<>(prompt.placeHolders());
        unknown.removeAll(name.placeHolders());
        if (!unknown.isEmpty()) {
            throw invalid(
                    "The prompt " + prompt.source() + " has a place holder that is not known: " + braced(unknown) + "; "
                            + (name.placeHolders().isEmpty()
                                    ? "it takes none."
                                    : "it takes " + braced(new TreeSet<>(name.placeHolders())) + "."),
                    null);
        }
        Set<String> missing = new TreeSet<>(name.placeHolders());
        missing.removeAll(prompt.placeHolders());
        if (!missing.isEmpty()) {
            throw invalid("The prompt " + prompt.source() + " lacks the place holder " + braced(missing) + ".", null);
        }
        if (name == PromptName.STEP_BY_STEP_SYSTEM && !ReasoningFilter.isNamedIn(prompt.text())) {
            throw invalid(
                    "The prompt " + prompt.source() + " does not tell the model to reason between "
                            + ReasoningFilter.OPEN + " and " + ReasoningFilter.CLOSE
                            + ", by which its reasoning is kept from the reply.",
                    null);
        }
        return prompt;
    }

    private static String braced(Set<String> names) {
        return names.stream().map(name -> "{{" + name + "}}").collect(Collectors.joining(", "));
    }

    private static PenstockException invalid(String what, @Nullable Throwable cause) {
        return new PenstockException(ErrorCode.CONFIG_INVALID, what, cause);
    }
}
