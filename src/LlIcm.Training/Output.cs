using LlIcm.Training.Codec;
using LlIcm.Training.Restoration;
using LlIcm.Training.Vision;

namespace LlIcm.Training;

/// <summary>The output folder of a run.</summary>
internal static class Output
{
    /// <summary>Makes the folder, and removes what a killed run may have left half-written of its checkpoint.</summary>
    /// <exception cref="OutputException">It can't be written to; the message names it.</exception>
    public static void Prepare(string folder, string checkpoint) => Guard(folder, () =>
    {
        Directory.CreateDirectory(folder);
        foreach (string rest in Directory.EnumerateFiles(folder, Path.GetFileName(checkpoint) + ".*.tmp")) File.Delete(rest);
    });

    /// <summary>A folder in the output folder.</summary>
    public static string Folder(string folder, string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

    /// <summary>Writes <c>codec</c>, <c>daclip</c> and <c>restorer.safetensors</c>.</summary>
    /// <exception cref="OutputException">They could not be written; a model that is there stays whole until all three are.</exception>
    public static void Model(LlIcmModel model, string folder) => Guard(folder, () =>
    {
        Directory.CreateDirectory(folder);
        string fresh = Folder(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            LlIcmModel.SaveCodec(model.Codec, Path.Combine(fresh, CodecStage.FileName));
            LlIcmModel.SaveVision(model.Vision, model.WordEmbeddings, Path.Combine(fresh, VisionWeights.ModelFile));
            LlIcmModel.SaveRestorer(model.Restorer, Path.Combine(fresh, RestorerStage.FileName));
            model.CopyRecogniser(fresh);
            foreach (string file in Directory.GetFiles(fresh)) File.Move(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }
        finally
        {
            Directory.Delete(fresh, recursive: true);
        }
    });

    /// <summary>Runs what writes; failures become one line that names the place.</summary>
    /// <exception cref="OutputException">It could not be written.</exception>
    public static void Guard(string place, Action write)
    {
        try
        {
            write();
        }
        // The last is what .NET says where a file would become too large for its disk.
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new OutputException(place, error);
        }
    }
}
