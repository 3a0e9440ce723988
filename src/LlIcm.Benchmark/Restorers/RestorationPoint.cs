namespace LlIcm.Benchmark;

/// <summary>Means over a folder of pairs: the decoded and the restored picture against the target.</summary>
/// <param name="Task">The folder's name.</param>
/// <param name="Pictures">Number of pairs.</param>
/// <param name="BitsPerPixel">From the files' lengths.</param>
/// <param name="DecodedPsnr">dB, RGB.</param>
/// <param name="RestoredPsnr">dB, RGB.</param>
/// <param name="DecodedSsim">RGB.</param>
/// <param name="RestoredSsim">RGB.</param>
/// <param name="DecodedLpips">LPIPS v0.1, lower is better; null without weights.</param>
/// <param name="RestoredLpips">LPIPS v0.1, lower is better; null without weights.</param>
/// <param name="Worse">Pictures whose PSNR restoring lowered.</param>
/// <param name="Recognised">
/// Pictures whose degradation was named rightly; null where the folder's task is unknown or the restorer names none.
/// </param>
public sealed record RestorationPoint(
    string Task, int Pictures, double BitsPerPixel, double DecodedPsnr, double RestoredPsnr, double DecodedSsim,
    double RestoredSsim, double? DecodedLpips, double? RestoredLpips, int Worse, int? Recognised);
