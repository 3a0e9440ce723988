namespace LlIcm.Training.Degradations;

/// <summary>The words of the degradations and of the tasks that undo them.</summary>
public static class DegradationKinds
{
    private static readonly (string Word, string Task)[] s_names =
    [
        ("motion-blurry", "deblur"), ("hazy", "dehaze"), ("jpeg-compressed", "dejpeg"), ("low-light", "lowlight"),
        ("noisy", "denoise"), ("raindrop", "raindrop"), ("rainy", "derain"), ("shadowed", "deshadow"),
        ("snowy", "desnow"), ("uncompleted", "inpaint"), ("clean", "none"),
    ];

    /// <summary>
    /// The ten degradations, in the order of DA-CLIP's prompts; without <see cref="DegradationKind.Clean"/>.
    /// </summary>
    public static IReadOnlyList<DegradationKind> All { get; } =
        [.. Enum.GetValues<DegradationKind>().Where(kind => kind != DegradationKind.Clean)];

    /// <summary>DA-CLIP's word, e.g. <c>motion-blurry</c>; <c>clean</c> for none.</summary>
    public static string Word(this DegradationKind kind) => s_names[(int)kind].Word;

    /// <summary>
    /// The task that undoes it, e.g. <c>dehaze</c>, as the pair folders are named; <c>none</c> for clean.
    /// </summary>
    public static string Task(this DegradationKind kind) => s_names[(int)kind].Task;

    /// <summary>Reads a word or the name of a task, in any case.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static DegradationKind Parse(string text)
    {
        for (int i = 0; i < s_names.Length; i++)
        {
            if (text.Equals(s_names[i].Word, StringComparison.OrdinalIgnoreCase)
                || text.Equals(s_names[i].Task, StringComparison.OrdinalIgnoreCase)
                || text.Equals(((DegradationKind)i).ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return (DegradationKind)i;
            }
        }
        throw new FormatException(
            $"'{text}' is no degradation; known: {string.Join(", ", s_names.Select(name => name.Word))}");
    }
}
