using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace LlIcm.Training;

/// <summary>Recipes in YAML: keys are the properties' names in lower case with underscores.</summary>
public static class RecipeFile
{
    /// <summary>Reads a recipe; keys that are absent keep their defaults.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Entries <c>key=value</c> that win over the file.</param>
    /// <exception cref="TrainingException">The file is missing, a key unknown or a value unusable; the message names it.</exception>
    public static T Load<T>(string path, IReadOnlyList<string>? overrides = null) where T : new()
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path}: {error.Message}");
        }
        return Parse<T>(text, path, overrides);
    }

    /// <summary>Reads a recipe from text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="source">What errors name.</param>
    /// <param name="overrides">Entries <c>key=value</c> that win over the text.</param>
    /// <exception cref="TrainingException">A key is unknown or a value unusable; the message names it.</exception>
    public static T Parse<T>(string text, string source, IReadOnlyList<string>? overrides = null) where T : new()
    {
        var lines = text.Split('\n').ToList();
        foreach (string entry in overrides ?? [])
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new TrainingException($"'{entry}' is not of the form key=value");
            string key = entry[..equals].Trim();
            lines.RemoveAll(line => line.StartsWith(key + ":", StringComparison.Ordinal));
            lines.Add($"{key}: {entry[(equals + 1)..]}");
        }
        IDeserializer deserializer = new DeserializerBuilder()
            .WithNamingConvention(UnderscoredNamingConvention.Instance).Build();
        try
        {
            return deserializer.Deserialize<T>(string.Join('\n', lines)) ?? new T();
        }
        catch (YamlException error)
        {
            string reason = (error.InnerException ?? error).Message.Split('\n', 2)[0];
            int line = (int)Math.Clamp(error.Start.Line, 1, lines.Count);
            throw new TrainingException($"{source}: line {line}: '{lines[line - 1].Trim()}': {reason}");
        }
    }
}
