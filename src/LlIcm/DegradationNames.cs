namespace LlIcm;

/// <summary>The words of the degradations, and the names of the tasks that undo them.</summary>
public static class DegradationNames
{
    private static readonly (string Word, string Task, string? Other)[] s_names =
    [
        ("motion-blurry", "deblur", null), ("hazy", "dehaze", null), ("jpeg-compressed", "deblock", "dejpeg"), ("low-light", "lowlight", null),
        ("noisy", "denoise", null), ("raindrop", "raindrop", null), ("rainy", "derain", null), ("shadowed", "deshadow", null),
        ("snowy", "desnow", null), ("uncompleted", "inpaint", null), ("clean", "none", null),
    ];

    /// <summary>The ten degradations, in the order of DA-CLIP's prompts; without <see cref="Degradation.Clean"/>.</summary>
    public static IReadOnlyList<Degradation> All { get; } = [.. Enum.GetValues<Degradation>().Where(each => each != Degradation.Clean)];

    /// <summary>DA-CLIP's words for <see cref="All"/>, which are its prompts.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. All.Select(Word)];

    /// <summary>DA-CLIP's word, e.g. <c>motion-blurry</c>; <c>clean</c> for none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such degradation.</exception>
    public static string Word(this Degradation degradation) => Names(degradation).Word;

    /// <summary>The task that undoes it, e.g. <c>dehaze</c>, as options and folders of pairs are named; <c>none</c> for clean.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such degradation.</exception>
    public static string Task(this Degradation degradation) => Names(degradation).Task;

    /// <summary>Reads a word or the name of a task, in any case.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, out Degradation degradation)
    {
        for (int i = 0; i < s_names.Length; i++)
        {
            (string word, string task, string? other) = s_names[i];
            foreach (string? name in (string?[])[word, task, other, ((Degradation)i).ToString()])
            {
                if (name is null || !name.Equals(text, StringComparison.OrdinalIgnoreCase)) continue;
                degradation = (Degradation)i;
                return true;
            }
        }
        degradation = default;
        return false;
    }

    /// <summary>Reads a word or the name of a task, in any case.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static Degradation Parse(string text) => TryParse(text, out Degradation degradation) ? degradation
        : throw new FormatException($"'{text}' is no degradation; known: {string.Join(", ", s_names.Select(name => name.Word))}");

    private static (string Word, string Task, string? Other) Names(Degradation degradation) => Enum.IsDefined(degradation)
        ? s_names[(int)degradation] : throw new ArgumentOutOfRangeException(nameof(degradation), degradation, "there is no such degradation");
}
