namespace LlIcm.Training.Tests.Data;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("llicm-").FullName;

    /// <summary>Makes empty files; the tests' decoders make pictures up from the names.</summary>
    public void Touch(params string[] names)
    {
        foreach (string name in names)
        {
            string path = System.IO.Path.Combine(Path, name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, []);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
