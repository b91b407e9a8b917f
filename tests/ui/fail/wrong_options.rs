use guard_runtime::no_block;

#[no_block(wran(fs), deny(fss, net, net), skip(fs), crate = guard, warn, skip, deny(all))]
async fn several() {}

#[no_block(warn = "fs")]
async fn no_list() {}

#[no_block("fs")]
async fn no_name() {}

fn main() {
    // The items are still there.
    drop((several(), no_list(), no_name(), no_path()));
}

#[no_block(warn(all, all), crate = "guard")]
async fn no_path() {}
