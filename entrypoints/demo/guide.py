"""What the demo tells the person who started it."""

from entrypoints.demo.folder import DemoFolder
from entrypoints.demo.options import DemoOptions


def guide(options: DemoOptions, folder: DemoFolder) -> str:
    return f"""
The demo is running.

  Shop             {options.shop_url}
  Admin area       {options.shop_url}/admin
  API              {options.shop_url}/api   (described at {options.shop_url}/schema)
  Inbox            {options.inbox_url}
  Stripe simulator {options.simulator_url}

  1. Open the shop and sign in as Ada: one click, no password.
  2. Choose a program, buy the class-rep place, and press "Pay" on the simulator's page.
  3. See the receipt, and the confirmation in the inbox.
  4. Sign in as Grace and try for a place of your own; press "Back" to see what a
     cancelled checkout looks like.
  5. Sign in as Alex Admin and open the admin area: what was bought is there, with its
     timeline, and can be refunded.

No money moves. Data and logs are in {folder.path}
(--reset begins anew). Ctrl-C stops everything.
"""
