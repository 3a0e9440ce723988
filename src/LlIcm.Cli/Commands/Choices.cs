using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using LlIcm.Container;
using LlIcm.Restoration;

namespace LlIcm.Cli.Commands;

/// <summary>Options that take one word of a list.</summary>
public static class Choices
{
    /// <summary>Words of an enumeration: in lower case, parts joined by a hyphen where a person would expect one; a degradation's is the task that undoes it.</summary>
    public static string Word(Enum value) => value switch
    {
        SamplerKind.MarsSde => "mars-sde",
        Degradation degradation => degradation.Task(),
        _ => value.ToString().ToLowerInvariant(),
    };

    /// <summary>An option whose value is one of an enumeration's words.</summary>
    /// <param name="name">Its name, with hyphens.</param>
    /// <param name="description">For the help; the words are put behind it.</param>
    /// <param name="none">A word for no value, which is also what is meant where the option is not given; null: there is none.</param>
    public static Option<T?> Option<T>(string name, string description, string? none = null)
        where T : struct, Enum
    {
        string known = string.Join(", ", (none is null ? [] : new[] { none }).Concat(Words<T>()));
        return new Option<T?>(name)
        {
            HelpName = name.TrimStart('-').ToUpperInvariant(),
            Description = $"{description} Known: {known}.",
            CustomParser = result => result.Tokens.Count > 0 && result.Tokens[0].Value is { } text && text != none
                ? Parse<T>(text, result, name, known) : null,
        };
    }

    /// <summary>What was chosen; null where the option was not given, or its word for no value was.</summary>
    /// <remarks>The parser itself cannot hand out a null that a word was turned into.</remarks>
    public static T? Chosen<T>(this ParseResult parsed, Option<T?> option)
        where T : struct, Enum => parsed.GetResult(option) is { Tokens: [{ Value: { } text }] } ? Find<T>(text) : null;

    /// <summary>A repeatable option whose values are among an enumeration's words.</summary>
    /// <param name="name">Its name, with hyphens.</param>
    /// <param name="value">What the help calls a value.</param>
    /// <param name="description">For the help; the words are put behind it.</param>
    public static Option<T[]> Options<T>(string name, string value, string description)
        where T : struct, Enum
    {
        string known = string.Join(", ", Words<T>());
        return new Option<T[]>(name)
        {
            HelpName = value,
            Description = $"{description} Known: {known}.",
            CustomParser = result => [.. result.Tokens.Select(token => Parse<T>(token.Value, result, name, known) ?? default)],
        };
    }

    /// <summary>The codec's quality, repeatable.</summary>
    /// <param name="description">For the help.</param>
    /// <param name="fallback">What holds without the option.</param>
    public static Option<double[]> Qualities(string description, params double[] fallback)
    {
        Option<double[]> option = new("--quality", "-q") { HelpName = "Q", Description = description, DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            // What is no number is told by the parser itself.
            if (result.Tokens.Any(token => double.TryParse(token.Value, CultureInfo.InvariantCulture, out double quality)
                && !(quality is >= LlicHeader.MinQuality and <= LlicHeader.MaxQuality))) result.AddError("-q takes 1 to 8");
        });
        return option;
    }

    /// <summary>Refuses words that are not among known ones.</summary>
    /// <param name="option">The option, repeatable or not.</param>
    /// <param name="known">The words.</param>
    public static void RequireKnown(Option option, IReadOnlyCollection<string> known) => option.Validators.Add(result =>
    {
        foreach (Token token in result.Tokens)
        {
            if (!known.Contains(token.Value))
                result.AddError($"{option.Name} {token.Value}: known are {string.Join(", ", known)}");
        }
    });

    /// <summary>Refuses values that a condition excludes; those that are no such value at all are the parser's matter.</summary>
    /// <param name="option">The option.</param>
    /// <param name="isGood">The condition.</param>
    /// <param name="error">What to say.</param>
    public static void Require<T>(Option<T?> option, Func<T, bool> isGood, string error)
        where T : struct => option.Validators.Add(result =>
        {
            try
            {
                if (result.GetValueOrDefault<T?>() is { } value && !isGood(value)) result.AddError(error);
            }
            catch (InvalidOperationException)
            {
                // Not a number: reported already.
            }
        });

    private static IEnumerable<string> Words<T>()
        where T : struct, Enum => Values<T>().Select(value => Word(value));

    // Nothing undoes what is clean.
    private static IEnumerable<T> Values<T>()
        where T : struct, Enum => Enum.GetValues<T>().Where(value => value is not Degradation.Clean);

    private static T? Parse<T>(string text, ArgumentResult result, string option, string known)
        where T : struct, Enum
    {
        if (Find<T>(text) is { } value) return value;
        result.AddError($"{option} {text}: not one of {known}");
        return null;
    }

    private static T? Find<T>(string text)
        where T : struct, Enum
    {
        foreach (T value in Values<T>())
            if (Word(value).Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
        return null;
    }
}
