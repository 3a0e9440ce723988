using System.CommandLine;
using System.CommandLine.Parsing;
using LlIcm.Restoration;

namespace LlIcm.Cli.Commands;

/// <summary>Options that take one word of a list.</summary>
public static class Choices
{
    /// <summary>Words of an enumeration: in lower case, parts joined by a hyphen where a person would expect one.</summary>
    public static string Word(Enum value) => value switch
    {
        SamplerKind.MarsSde => "mars-sde",
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
            CustomParser = result => Parse<T>(result, name, known, none),
        };
    }

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
        where T : struct, Enum => Enum.GetValues<T>().Select(value => Word(value));

    private static T? Parse<T>(ArgumentResult result, string option, string known, string? none)
        where T : struct, Enum
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (text == none) return null;
        foreach (T value in Enum.GetValues<T>())
            if (Word(value).Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
        result.AddError($"{option} {text}: not one of {known}");
        return null;
    }
}
