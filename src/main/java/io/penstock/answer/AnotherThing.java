package io.penstock.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A question that asks the same of another thing: "When did Scheele discover oxygen? And Priestley?" It says nothing but a name
 * that was not spoken of, so the name takes the place of the one that was. Where it is not clear which that is, nothing changes.
 */
final class AnotherThing {
    private static final String CAPITALISED = "\\p{Lu}[\\p{L}\\p{N}'\u2019-]*";

    /** Not at the beginning of a sentence, where every word has a capital. */
    private static final Pattern NAME =
            Pattern.compile("(?<=[^\\s?!.] )" + CAPITALISED + "( ((of|the|de|von|van) )?" + CAPITALISED + ")*");

    private static final Pattern PREPOSITION = Pattern.compile(
            "\\b(in|on|at|of|by|for|from|with|to|near|under|after|before|since|during|until) (the )?$",
            Pattern.CASE_INSENSITIVE);

    private static final Set<String> MONTHS = Set.of(
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december");

    private static final Terms TERMS = new Terms();

    private AnotherThing() {}

    /** @param preposition that stands before it; empty when there is none */
    private record Name(String text, String preposition, int start, int end) {
        boolean isMonth() {
            return MONTHS.contains(text.toLowerCase(Locale.ROOT));
        }
    }

    /** The earlier questions as they are meant, of the other thing if there is one. */
    static String in(String context, String question) {
        List<Name> asked = names(question);
        if (asked.size() != 1 || !isNew(asked.getFirst(), context) || saysMore(question, asked.getFirst(), context)) {
            return context;
        }
        Name other = asked.getFirst();
        return first(context, question, other)
                .map(name -> context.substring(0, name.start()) + other.text() + context.substring(name.end()))
                .orElse(context);
    }

    private static boolean isNew(Name name, String context) {
        return !TERMS.of(context).containsAll(TERMS.of(name.text()));
    }

    /** Whether it asks for anything that was not asked before. */
    private static boolean saysMore(String question, Name name, String context) {
        Set<String> known = TERMS.of(context);
        return TERMS.of(question.substring(0, name.start()) + question.substring(name.end())).stream()
                .anyMatch(term -> !known.contains(term) && !PointingBack.isGeneral(term));
    }

    /** What the other thing stands for. */
    private static Optional<Name> first(String context, String question, Name other) {
        List<Name> candidates = names(context).stream()
                .filter(name -> name.isMonth() == other.isMonth())
                .filter(name -> !question.contains(name.text()))
                .toList();
        if (candidates.size() > 1) {
            candidates = candidates.stream()
                    .filter(name -> !name.preposition().isEmpty())
                    .filter(name -> name.preposition().equals(other.preposition()))
                    .toList();
        }
        return candidates.size() == 1 ? Optional.of(candidates.getFirst()) : Optional.empty();
    }

    private static List<Name> names(String text) {
        List<Name> names = new ArrayList<>();
        Matcher name = NAME.matcher(text);
        while (name.find()) {
            Matcher before = PREPOSITION.matcher(text.substring(0, name.start()));
            names.add(new Name(
                    name.group(),
                    before.find() ? before.group(1).toLowerCase(Locale.ROOT) : "",
                    name.start(),
                    name.end()));
        }
        return names;
    }
}
