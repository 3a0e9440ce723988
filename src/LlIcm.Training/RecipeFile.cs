using System.Globalization;
using System.Text.RegularExpressions;
using LlIcm.Training.Degradations;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace LlIcm.Training;

/// <summary>Recipes in YAML: keys are the properties' names in lower case with underscores.</summary>
public static partial class RecipeFile
{
    /// <summary>Reads a recipe; keys that are absent keep their defaults.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Entries <c>key=value</c> or <c>outer.inner=value</c> that win over the file.</param>
    /// <exception cref="TrainingException">The file is missing, a key unknown or a value unusable; the message names it.</exception>
    public static T Load<T>(string path, IReadOnlyList<string>? overrides = null) where T : new() =>
        Parse<T>(Read(path), path, overrides);

    /// <summary>Reads a recipe from text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="source">What errors name.</param>
    /// <param name="overrides">Entries <c>key=value</c> that win over the text.</param>
    /// <exception cref="TrainingException">A key is unknown or a value unusable; the message names it.</exception>
    public static T Parse<T>(string text, string source, IReadOnlyList<string>? overrides = null) where T : new()
    {
        T recipe = Deserialize<T>(text, source);
        // One after the other, so that it is known which one is wrong: the lines of the changed text are nobody's.
        foreach (string entry in overrides ?? [])
        {
            text = Override(text, entry, source);
            try
            {
                recipe = Deserialize<T>(text, source);
            }
            catch (TrainingException error) when (error.InnerException is YamlException yaml)
            {
                throw new TrainingException($"--set {entry}: {Reason(yaml)}", error) { IsUsage = true };
            }
        }
        return recipe;
    }

    private static T Deserialize<T>(string text, string source) where T : new()
    {
        IDeserializer deserializer = new DeserializerBuilder()
            .WithNamingConvention(UnderscoredNamingConvention.Instance)
            .WithTypeConverter(new IntervalConverter()).WithTypeConverter(new WordConverter()).Build();
        try
        {
            return deserializer.Deserialize<T>(text) ?? new T();
        }
        catch (YamlException error)
        {
            throw Refusal(source, text, error);
        }
    }

    /// <summary>Reads the named keys of a recipe and leaves the others alone; the sections of those are checked in full.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Entries <c>key=value</c> or <c>outer.inner=value</c> that win over the file.</param>
    /// <param name="keys">Which keys.</param>
    /// <exception cref="TrainingException">The file is missing, a key unknown or a value unusable; the message names it.</exception>
    public static T LoadPart<T>(string path, IReadOnlyList<string>? overrides, params ReadOnlySpan<string> keys) where T : new() =>
        PartOf<T>(TextOf(path, overrides), path, keys);

    /// <summary>The same from text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="path">What errors name.</param>
    /// <param name="keys">Which keys.</param>
    /// <exception cref="TrainingException">A key is unknown or a value unusable; the message names it.</exception>
    public static T PartOf<T>(string text, string path, params ReadOnlySpan<string> keys) where T : new()
    {
        YamlMappingNode part = [];
        try
        {
            if (Parse(text) is YamlMappingNode root)
            {
                if (Blanked(text, root, keys) is { } blanked) return Deserialize<T>(blanked, path);
                foreach (string key in keys)
                    if (root.Children.TryGetValue(key, out YamlNode? value)) part.Children[key] = value;
            }
        }
        catch (YamlException error)
        {
            throw Refusal(path, text, error);
        }
        using var writer = new StringWriter();
        new YamlStream(new YamlDocument(part)).Save(writer, assignAnchors: false);
        return Parse<T>(writer.ToString(), path);
    }

    // The text with the lines of other keys emptied, so that errors tell the lines that the user wrote; null where keys share lines.
    private static string? Blanked(string text, YamlMappingNode root, ReadOnlySpan<string> keys)
    {
        string[] lines = text.Split('\n');
        (string Name, int Line)[] entries =
            [.. root.Children.Select(each => (((each.Key as YamlScalarNode)?.Value ?? ""), (int)each.Key.Start.Line - 1))];
        if (root.Style == YamlDotNet.Core.Events.MappingStyle.Flow || entries.Select(each => each.Line).Distinct().Count() < entries.Length) return null;
        for (int i = 0; i < entries.Length; i++)
        {
            if (keys.Contains(entries[i].Name)) continue;
            int end = i + 1 < entries.Length ? entries[i + 1].Line : lines.Length;
            for (int line = entries[i].Line; line < end; line++) lines[line] = "";
        }
        return string.Join('\n', lines);
    }

    /// <summary>A recipe's text with changes made.</summary>
    /// <param name="path">The file; null for an empty recipe.</param>
    /// <param name="overrides">Entries <c>key=value</c> or <c>outer.inner=value</c>.</param>
    /// <exception cref="TrainingException">The file is missing or no YAML; the message names it.</exception>
    public static string TextOf(string? path, IReadOnlyList<string>? overrides)
    {
        string text = path is null ? "" : Read(path);
        foreach (string entry in overrides ?? []) text = Override(text, entry, path ?? "--set");
        return text;
    }

    /// <summary>A recipe's text with its data in other places and without their cache.</summary>
    /// <param name="text">YAML that reads as a recipe.</param>
    /// <param name="places">Folder and masks of each source; a recipe without sources gets photographs.</param>
    internal static string WithSources(string text, IReadOnlyList<(string Path, string? Masks)> places)
    {
        var root = Parse(text) as YamlMappingNode ?? [];
        if (!root.Children.TryGetValue("data", out YamlNode? found) || found is not YamlMappingNode data)
            root.Children["data"] = data = [];
        data.Children.Remove("cache");
        if (!data.Children.TryGetValue("sources", out YamlNode? listed) || listed is not YamlSequenceNode sources || sources.Children.Count != places.Count)
            data.Children["sources"] = sources = new YamlSequenceNode(places.Select(_ => new YamlMappingNode()));
        for (int i = 0; i < places.Count; i++)
        {
            var source = (YamlMappingNode)sources.Children[i];
            source.Children["path"] = places[i].Path;
            if (places[i].Masks is { } masks) source.Children["masks"] = masks;
        }
        using var writer = new StringWriter();
        new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
        return writer.ToString();
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path}: {error.Message}", error);
        }
    }

    // key=value, or outer.inner=value; the value is YAML itself.
    private static string Override(string text, string entry, string source)
    {
        int equals = entry.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || equals == entry.Length - 1)
            throw new TrainingException($"--set {entry}: not of the form KEY=VALUE") { IsUsage = true };
        string[] keys = entry[..equals].Trim().Split('.');
        try
        {
            var root = Parse(text) as YamlMappingNode ?? [];
            YamlMappingNode at = root;
            foreach (string key in keys[..^1])
            {
                if (!at.Children.TryGetValue(key, out YamlNode? inner) || inner is not YamlMappingNode)
                    at.Children[key] = inner = new YamlMappingNode();
                at = (YamlMappingNode)inner;
            }
            at.Children[keys[^1]] = Parse(entry[(equals + 1)..]) ?? new YamlScalarNode("");
            using var writer = new StringWriter();
            new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
            return writer.ToString();
        }
        catch (YamlException error)
        {
            throw new TrainingException($"--set {entry}: {Reason(error)}", error) { IsUsage = true };
        }
    }

    private static YamlNode? Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
    }

    private static TrainingException Refusal(string source, string text, YamlException error)
    {
        string[] lines = text.Split('\n');
        int line = (int)Math.Clamp(error.Start.Line, 1, lines.Length);
        return new TrainingException($"{source}: line {line}: '{lines[line - 1].Trim()}': {Reason(error)}", error);
    }

    // What the deserialiser says names types of .NET; users know keys and values.
    private static string Reason(YamlException error)
    {
        Exception innermost = error;
        while (innermost.InnerException is { } inner) innermost = inner;
        string message = innermost.Message.Split('\n', 2)[0].Trim();
        if (UnknownKey().Match(message) is { Success: true } unknown) return $"there is no key '{unknown.Groups[1]}' here";
        if (Unexpected().IsMatch(message) || innermost is InvalidCastException || message.Contains("System.", StringComparison.Ordinal))
            return "a value of another kind, such as a list or a mapping, is needed here";
        return innermost switch
        {
            OverflowException => "the number is too large or too small",
            FormatException when NoNumber().Match(message) is { Success: true } text => $"'{text.Groups[1]}' is not of the kind that is needed here",
            FormatException => "the value is not of the kind that is needed here",
            _ => message,
        };
    }

    [GeneratedRegex("^Property '(.*)' not found on type ")]
    private static partial Regex UnknownKey();

    [GeneratedRegex("^Expected '.*', got '")]
    private static partial Regex Unexpected();

    [GeneratedRegex("'(.*)'")]
    private static partial Regex NoNumber();

    private sealed class IntervalConverter : IYamlTypeConverter
    {
        public bool Accepts(Type type) => type == typeof(Interval) || type == typeof(Interval?);

        public object? ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer)
        {
            if (parser.Accept<Scalar>(out _))
            {
                Scalar single = parser.Consume<Scalar>();
                return string.IsNullOrEmpty(single.Value) && type == typeof(Interval?) ? null : new Interval(Number(single), Number(single));
            }
            SequenceStart start = parser.Consume<SequenceStart>();
            var ends = new List<float>();
            while (!parser.TryConsume<SequenceEnd>(out _)) ends.Add(Number(parser.Consume<Scalar>()));
            return ends.Count == 2 ? new Interval(ends[0], ends[1])
                : throw new YamlException(start.Start, start.End, "a range is [from, to] or one number");
        }

        public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer) => throw new NotSupportedException();

        private static float Number(Scalar scalar) =>
            float.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value
                : throw new YamlException(scalar.Start, scalar.End, $"'{scalar.Value}' is no number");
    }

    // Words of enumerations in any case, with or without underscores: ms_ssim, celeba_hq, low-light.
    private sealed class WordConverter : IYamlTypeConverter
    {
        public bool Accepts(Type type) => (Nullable.GetUnderlyingType(type) ?? type).IsEnum;

        public object? ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer)
        {
            Scalar scalar = parser.Consume<Scalar>();
            if (Nullable.GetUnderlyingType(type) is { } inner)
            {
                if (scalar.Value.Length == 0) return null;
                type = inner;
            }
            string word = scalar.Value.Replace("_", "", StringComparison.Ordinal);
            try
            {
                if (type == typeof(Degradation)) return DegradationNames.Parse(scalar.Value);
            }
            catch (FormatException error)
            {
                throw new YamlException(scalar.Start, scalar.End, error.Message);
            }
            string[] names = Enum.GetNames(type);
            string? name = names.FirstOrDefault(each => each.Equals(word, StringComparison.OrdinalIgnoreCase));
            return name is not null ? Enum.Parse(type, name) : throw new YamlException(
                scalar.Start, scalar.End, $"'{scalar.Value}' is none of {string.Join(", ", names).ToLowerInvariant()}");
        }

        public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer) => throw new NotSupportedException();
    }
}
